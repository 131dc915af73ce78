import { createPrivateKey, sign as cryptoSign } from 'node:crypto'
import { inspect } from 'node:util'
import { DerReader } from '@meshid/der'
import {
  createNobleSigner,
  generatePrivateKey,
  isSameKey,
  keyIdentifier,
  nobleVerifier,
  parsePrivateKey,
  parsePublicKey,
  proveKey,
  readPublicKey,
  sha256,
  TRIAL_MESSAGE,
} from '@meshid/keys'
import { createNodeSigner, generateNodePrivateKey, nodeSha256Hex, nodeVerifier } from '@meshid/keys/node'
import { describe, expect, it } from 'vitest'
import { codeOf, hex, RSA_2048_PEM } from '../support.ts'

const message = new TextEncoder().encode('hello')
const algorithms = ['P-256', 'P-384', 'Ed25519'] as const

describe('generateNodePrivateKey', () => {
  it.each(algorithms)('makes a %s key that noble can use', (algorithm) => {
    const key = generateNodePrivateKey(algorithm)
    expect(key.algorithm).toBe(algorithm)
    expect(createNobleSigner(key).key.spki).toEqual(key.publicKey.spki)
  })

  it('makes P-256 keys unless told otherwise', () => {
    expect(generateNodePrivateKey().algorithm).toBe('P-256')
  })
})

describe('createNodeSigner', () => {
  it.each(algorithms)('signs with %s what noble verifies, and the other way round', (algorithm) => {
    const key = generatePrivateKey(algorithm)
    const [node, noble] = [createNodeSigner(key), createNobleSigner(key)]
    expect(node.signatureAlgorithm).toBe(noble.signatureAlgorithm)
    expect(node.key.spki).toEqual(noble.key.spki)
    const [byNode, byNoble] = [node.sign(message), noble.sign(message)]
    expect(nobleVerifier.verify(key.publicKey, node.signatureAlgorithm, message, byNode)).toBe(true)
    expect(nodeVerifier.verify(key.publicKey, node.signatureAlgorithm, message, byNoble)).toBe(true)
    expect(nodeVerifier.verify(key.publicKey, node.signatureAlgorithm, message.slice(1), byNode)).toBe(false)
    expect(byNode.constructor).toBe(Uint8Array)
  })

  it.each(['rsa-sha256', 'rsa-sha384', 'rsa-sha512'] as const)('signs with RSA and %s', (signatureAlgorithm) => {
    const key = parsePrivateKey(RSA_2048_PEM)
    const signature = createNodeSigner(key, { signatureAlgorithm }).sign(message)
    expect(signature).toHaveLength(256)
    expect(nodeVerifier.verify(key.publicKey, signatureAlgorithm, message, signature)).toBe(true)
    expect(nodeVerifier.verify(key.publicKey, signatureAlgorithm, message, signature.subarray(1))).toBe(false)
    expect(codeOf(() => nobleVerifier.verify(key.publicKey, signatureAlgorithm, message, signature))).toBe(
      'KEYS_UNSUPPORTED_ALGORITHM',
    )
  })

  it('refuses a signature algorithm that does not fit the key', () => {
    expect(codeOf(() => createNodeSigner(generatePrivateKey(), { signatureAlgorithm: 'rsa-sha256' }))).toBe(
      'KEYS_ALGORITHM_MISMATCH',
    )
  })
})

describe('the hash of nodeVerifier', () => {
  const asked: number[] = []
  const verifier = {
    ...nodeVerifier,
    sha256: (bytes: Uint8Array): Uint8Array => {
      asked.push(bytes.length)
      return nodeVerifier.sha256?.(bytes) ?? new Uint8Array()
    },
  }

  it('is that of the portable hash', () => {
    const bytes = Uint8Array.from({ length: 700 }, (_, index) => index * 7)
    expect(verifier.sha256(bytes)).toEqual(sha256(bytes))
  })

  it('names the keys that it proves, once', () => {
    const signer = createNodeSigner(generateNodePrivateKey('P-256'))
    const { key, signatureAlgorithm } = signer
    const { publicKey } = proveKey(
      { publicKey: key.publicKey, signatureAlgorithm, message, signature: signer.sign(message) },
      verifier,
    )
    asked.length = 0
    expect(keyIdentifier(publicKey)).toEqual(keyIdentifier(parsePublicKey(key.spki)))
    expect(keyIdentifier(publicKey)).toBe(keyIdentifier(publicKey))
    expect(asked).toEqual([65])
  })
})

describe('nodeSha256Hex', () => {
  it.each([0, 1, 63, 64, 65, 4096])('agrees with noble on %s bytes', (length) => {
    const bytes = Uint8Array.from({ length }, (_, index) => index & 0xff)
    expect(nodeSha256Hex(bytes)).toBe(Buffer.from(sha256(bytes)).toString('hex'))
    expect(nodeSha256Hex(bytes.subarray(length >> 1))).toBe(
      Buffer.from(sha256(bytes.slice(length >> 1))).toString('hex'),
    )
  })
})

describe('nodeVerifier', () => {
  it('refuses a signature algorithm that does not fit the key', () => {
    const { publicKey } = generatePrivateKey()
    expect(codeOf(() => nodeVerifier.verify(publicKey, 'ed25519', message, new Uint8Array(64)))).toBe(
      'KEYS_ALGORITHM_MISMATCH',
    )
  })

  it('tells a point that is not on its curve, which OpenSSL refuses to import', () => {
    const spki = hex(`3059301306072a8648ce3d020106082a8648ce3d03010703420004${'11'.repeat(64)}`)
    const key = readPublicKey(new DerReader(spki))
    expect(codeOf(() => nodeVerifier.verify(key, 'ecdsa-sha256', message, hex('3006020101020101')))).toBe(
      'KEYS_POINT_INVALID',
    )
  })

  it('tells an Ed25519 point that is not on its curve from a wrong signature', () => {
    const off = readPublicKey(new DerReader(hex(`302a300506032b657003210002${'00'.repeat(31)}`)))
    expect(codeOf(() => nodeVerifier.verify(off, 'ed25519', message, new Uint8Array(64)))).toBe('KEYS_POINT_INVALID')
    const { publicKey } = generatePrivateKey('Ed25519')
    expect(nodeVerifier.verify(publicKey, 'ed25519', message, new Uint8Array(64))).toBe(false)
    expect(nodeVerifier.verify(publicKey, 'ed25519', message, new Uint8Array(63))).toBe(false)
  })

  it('refuses an Ed25519 key of small order, under which the equation holds for a signature that nobody made', () => {
    const spki = hex(`302a300506032b657003210001${'00'.repeat(31)}`)
    const forged = hex(`01${'00'.repeat(63)}`)
    const key = readPublicKey(new DerReader(spki))
    expect(codeOf(() => nodeVerifier.verify(key, 'ed25519', message, forged))).toBe('KEYS_POINT_INVALID')
    expect(codeOf(() => nobleVerifier.verify(key, 'ed25519', message, forged))).toBe('KEYS_POINT_INVALID')
  })

  it('accepts a high s, as X.509 allows it, and so does noble (lowS: false)', () => {
    const key = generatePrivateKey()
    const keyObject = createPrivateKey(key.toPkcs8Pem())
    const half = 0x7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8n
    const sOf = (p1363: Buffer): bigint => BigInt(`0x${p1363.subarray(32).toString('hex')}`)
    const signatures = Array.from({ length: 40 }, () => cryptoSign('sha256', message, keyObject)).map((der) => ({
      der,
      high: sOf(Buffer.from(p1363Of(der))) > half,
    }))
    expect(new Set(signatures.map(({ high }) => high))).toEqual(new Set([true, false]))
    for (const { der } of signatures.slice(0, 8)) {
      expect(nodeVerifier.verify(key.publicKey, 'ecdsa-sha256', message, der)).toBe(true)
      expect(nobleVerifier.verify(key.publicKey, 'ecdsa-sha256', message, der)).toBe(true)
    }
  })
})

describe('a Buffer, whose slice does not copy,', () => {
  it('is copied by parsePublicKey, proveKey and parsePrivateKey', () => {
    const key = generatePrivateKey()
    const [spki, pkcs8] = [Buffer.from(key.publicKey.spki), Buffer.from(key.toPkcs8())]
    const parsed = parsePublicKey(spki)
    const read = readPublicKey(new DerReader(spki))
    const signature = createNobleSigner(key).sign(message)
    const proof = { publicKey: read, signatureAlgorithm: 'ecdsa-sha256', message, signature } as const
    const proven = proveKey(proof, nobleVerifier)
    const again = parsePrivateKey(pkcs8)
    spki.fill(0)
    pkcs8.fill(0)
    expect(isSameKey(parsed, key.publicKey)).toBe(true)
    expect(proven.spki).toEqual(key.publicKey.spki)
    expect(again.toPkcs8()).toEqual(key.toPkcs8())
  })
})

describe('secrets', () => {
  it.each(algorithms)('of a %s key do not show in util.inspect, at any depth, nor those of a signer', (algorithm) => {
    const key = generatePrivateKey(algorithm)
    const options = { depth: null, showHidden: true, getters: true } as const
    expect(inspect(key)).toBe(`PrivateKey(${algorithm}, [redacted])`)
    expect(inspect({ deep: [key] }, options)).toContain('[redacted]')
    const shown = inspect([key, createNobleSigner(key), createNodeSigner(key)], options)
    const json = JSON.stringify([key, createNobleSigner(key), createNodeSigner(key)])
    const secret = Buffer.from(key.toPkcs8())
    const publicPart = Buffer.from(key.publicKey.raw)
    const start = algorithm === 'Ed25519' ? secret.length - 32 : secret.indexOf(publicPart) - 40
    for (const text of [shown, json]) {
      expect(text).not.toContain(secret.subarray(start, start + 8).toString('hex'))
      expect(text).not.toContain([...secret.subarray(start, start + 8)].join(', '))
      expect(text).not.toContain([...secret.subarray(start, start + 8)].join(','))
    }
    expect(new TextDecoder().decode(new TextEncoder().encode(TRIAL_MESSAGE))).toMatch(/^[\x20-\x7e]+$/)
  })
})

function p1363Of(der: Buffer): Uint8Array {
  const rLength = der[3] ?? 0
  const pad = (part: Buffer): Buffer => Buffer.concat([Buffer.alloc(32), part]).subarray(-32)
  return Buffer.concat([pad(der.subarray(4, 4 + rLength)), pad(der.subarray(6 + rLength))])
}
