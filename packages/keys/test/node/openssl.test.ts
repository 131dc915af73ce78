import {
  createNobleSigner,
  generatePrivateKey,
  isSameKey,
  nobleVerifier,
  parsePrivateKey,
  parsePublicKey,
} from '@meshid/keys'
import { createNodeSigner, nodeVerifier } from '@meshid/keys/node'
import { openssl } from '@meshid/testkit'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { codeOf } from '../support.ts'

const folder = mkdtempSync(join(tmpdir(), 'meshid-keys-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function run(args: readonly string[], input?: string | Uint8Array): Promise<Buffer> {
  const { stdout, stderr, code } = await openssl(args, input === undefined ? {} : { input })
  expect(stderr.includes('rror') ? stderr : '').toBe('')
  expect(code).toBe(0)
  return stdout
}

const genpkey = {
  'P-256': ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  'P-384': ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384'],
  Ed25519: ['-algorithm', 'ED25519'],
  RSA: ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'],
} as const

describe.each(Object.entries(genpkey))('an openssl key of %s', (algorithm, args) => {
  it('is read from every form that openssl writes, and written back byte for byte', async () => {
    const pem = await run(['genpkey', ...args])
    const key = parsePrivateKey(pem)
    expect(key.algorithm).toBe(algorithm)
    expect(key.toPkcs8Pem()).toBe(pem.toString())
    const der = await run(['pkey', '-outform', 'DER'], pem)
    expect(parsePrivateKey(der).algorithm).toBe(algorithm)
    const options = algorithm === 'Ed25519' ? [] : ['-traditional']
    const traditional = await run(['pkey', ...options], pem)
    const traditionalDer = await run(['pkey', ...options, '-outform', 'DER'], pem)
    const withText = await run(['pkey', '-text'], pem)
    for (const form of [traditional, traditional.toString(), traditionalDer, withText]) {
      expect(parsePrivateKey(form).toPkcs8()).toEqual(key.toPkcs8())
    }
    const spki = await run(['pkey', '-pubout', '-outform', 'DER'], pem)
    expect(isSameKey(parsePublicKey(spki), key.publicKey)).toBe(true)
  })

  it('is told as encrypted in PKCS#8', async () => {
    const pem = await run(['genpkey', ...args, '-aes-256-cbc', '-pass', 'pass:secret'])
    expect(codeOf(() => parsePrivateKey(pem))).toBe('KEYS_ENCRYPTED')
    const options = ['-topk8', '-v2', 'aes-256-cbc', '-passin', 'pass:secret', '-passout', 'pass:secret']
    const der = await run(['pkcs8', ...options, '-outform', 'DER'], pem)
    expect(codeOf(() => parsePrivateKey(der))).toBe('KEYS_ENCRYPTED')
  })
})

describe('openssl ecparam', () => {
  it.each([
    ['prime256v1', 'P-256'],
    ['secp384r1', 'P-384'],
  ])('writes EC PARAMETERS first for %s, and both are read', async (curve, algorithm) => {
    const pem = await run(['ecparam', '-name', curve, '-genkey'])
    expect(pem.toString()).toMatch(/^-----BEGIN EC PARAMETERS-----/)
    expect(parsePrivateKey(pem).algorithm).toBe(algorithm)
    const encrypted = await run(['ec', '-aes256', '-passout', 'pass:secret'], pem)
    expect(encrypted.toString()).toContain('Proc-Type: 4,ENCRYPTED')
    expect(codeOf(() => parsePrivateKey(encrypted))).toBe('KEYS_ENCRYPTED')
  })

  it.each(['secp521r1', 'secp256k1', 'brainpoolP256r1'])('is refused with a code for %s', async (curve) => {
    const pem = await run(['ecparam', '-name', curve, '-genkey'])
    expect(codeOf(() => parsePrivateKey(pem))).toBe('KEYS_UNSUPPORTED_ALGORITHM')
    const spki = await run(['pkey', '-pubout', '-outform', 'DER'], pem)
    expect(codeOf(() => parsePublicKey(spki))).toBe('KEYS_UNSUPPORTED_ALGORITHM')
  })

  it('is refused with explicit parameters and with compressed points', async () => {
    const explicit = await run(['ecparam', '-name', 'prime256v1', '-genkey', '-param_enc', 'explicit'])
    expect(codeOf(() => parsePrivateKey(explicit))).toBe('KEYS_UNSUPPORTED_ALGORITHM')
    const pem = await run(['ecparam', '-name', 'prime256v1', '-genkey', '-noout'])
    const compressed = await run(['ec', '-pubout', '-conv_form', 'compressed', '-outform', 'DER'], pem)
    expect(codeOf(() => parsePublicKey(compressed))).toBe('KEYS_POINT_COMPRESSED')
  })
})

describe('openssl pkey -check', () => {
  it.each(['P-256', 'P-384'] as const)('accepts a %s key that we make', async (algorithm) => {
    const out = await run(['pkey', '-check', '-noout'], generatePrivateKey(algorithm).toPkcs8Pem())
    expect(out.toString()).toContain('Key is valid')
  })

  it('reads an Ed25519 key that we make as the same key', async () => {
    const key = generatePrivateKey('Ed25519')
    const spki = await run(['pkey', '-pubout', '-outform', 'DER'], key.toPkcs8Pem())
    expect(new Uint8Array(spki)).toEqual(key.publicKey.spki)
  })
})

describe('openssl dgst', () => {
  it.each(['P-256', 'P-384', 'RSA'] as const)(
    'verifies what we sign with %s, and we what it signs',
    async (algorithm) => {
      const pem = (await run(['genpkey', ...genpkey[algorithm]])).toString()
      const [keyFile, signatureFile] = [join(folder, `${algorithm}.pem`), join(folder, `${algorithm}.sig`)]
      const key = parsePrivateKey(pem)
      const signer = createNodeSigner(key)
      const digest = algorithm === 'P-384' ? '-sha384' : '-sha256'
      const message = new TextEncoder().encode('hello')
      writeFileSync(keyFile, pem)
      writeFileSync(signatureFile, signer.sign(message))
      const verdict = await run(['dgst', digest, '-prverify', keyFile, '-signature', signatureFile], message)
      expect(verdict.toString()).toBe('Verified OK\n')
      const signature = await run(['dgst', digest, '-sign', keyFile], message)
      expect(nodeVerifier.verify(key.publicKey, signer.signatureAlgorithm, message, signature)).toBe(true)
      if (algorithm === 'RSA') return
      expect(nobleVerifier.verify(key.publicKey, signer.signatureAlgorithm, message, signature)).toBe(true)
      writeFileSync(signatureFile, createNobleSigner(key).sign(message))
      await run(['dgst', digest, '-prverify', keyFile, '-signature', signatureFile], message)
    },
  )
})
