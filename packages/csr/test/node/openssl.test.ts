import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildCsr, matchCsr, parseCsr, readCsr, verifyCsr } from '@meshid/csr'
import { generatePrivateKey } from '@meshid/keys'
import { createNodeSigner, nodeVerifier } from '@meshid/keys/node'
import { afterAll, describe, expect, test } from 'vitest'
import { codeOf } from '../forge.ts'

const folder = mkdtempSync(join(tmpdir(), 'meshid-csr-'))
afterAll(() => rmSync(folder, { recursive: true }))

const openssl = (args: readonly string[]) =>
  execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] }).toString()

/** `openssl req -new` with a fresh key. */
function opensslCsr(key: readonly string[], ...args: readonly string[]): Uint8Array {
  openssl(['genpkey', ...key, '-out', 'key.pem'])
  openssl(['req', '-new', '-key', 'key.pem', '-outform', 'DER', '-out', 'csr.der', '-utf8', ...args])
  return new Uint8Array(readFileSync(join(folder, 'csr.der')))
}

const ec = (curve: string) => ['-algorithm', 'EC', '-pkeyopt', `ec_paramgen_curve:${curve}`]
const name = 'web.emojivoto.serviceaccount.identity.linkerd.cluster.local'
const kinds = [
  ['P-256', ec('P-256'), ['-sha256']],
  ['P-384', ec('P-384'), ['-sha384']],
  ['Ed25519', ['-algorithm', 'ED25519'], []],
] as const

describe('requests made by openssl', () => {
  test.each(kinds)('%s goes through, with both verifiers', (algorithm, key, digest) => {
    const san = `subjectAltName=DNS:${name},URI:spiffe://example.org/web,email:a@example.org,IP:10.0.0.1,IP:2001:db8::1`
    const der = opensslCsr(key, ...digest, '-subj', `/C=NO/O=Ærlig/CN=${name}`, '-addext', san)
    const parsed = parseCsr(der)
    for (const csr of [verifyCsr(parsed), verifyCsr(parsed, { verifier: nodeVerifier })]) {
      expect(csr.key.algorithm).toBe(algorithm)
      expect(csr.subject.attributes.map(({ value }) => value)).toEqual(['NO', 'Ærlig', name])
      matchCsr(csr, {
        dnsNames: [name],
        commonName: [name],
        uris: ['spiffe://example.org/web'],
        emailAddresses: ['a@example.org'],
        ipAddresses: ['10.0.0.1', '2001:db8::1'],
        otherNameCount: 0,
      })
    }
  })

  test('an otherName, a directoryName and a registeredID are counted', () => {
    const config = `[req]\ndistinguished_name=dn\nreq_extensions=ext\nprompt=no\n[dn]\nCN=web\n[ext]\nsubjectAltName=@san
      [san]\notherName.1=1.2.3;UTF8:hé\ndirName.1=dir\nRID.1=1.2.3\n[dir]\nO=org\n`
    writeFileSync(join(folder, 'req.cnf'), config)
    const csr = verifyCsr(parseCsr(opensslCsr(ec('P-256'), '-config', 'req.cnf')), { verifier: nodeVerifier })
    expect(csr.otherNameCount).toBe(3)
  })

  test('requested powers are shown (a CA, key usages), a challenge password is passed over', () => {
    const config = `[req]\ndistinguished_name=dn\nattributes=att\nreq_extensions=ext\nprompt=no\n[dn]\nCN=web\n[att]
      challengePassword=secret\n[ext]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\nsubjectAltName=DNS:a\n`
    writeFileSync(join(folder, 'req.cnf'), config)
    const csr = verifyCsr(parseCsr(opensslCsr(ec('P-256'), '-config', 'req.cnf')), { verifier: nodeVerifier })
    expect(csr.requestedExtensions).toEqual(['2.5.29.19', '2.5.29.15', '2.5.29.17'])
  })

  test('PEM with its text is read by readCsr', () => {
    opensslCsr(ec('P-256'), '-subj', '/CN=web')
    const text = openssl(['req', '-in', 'csr.der', '-inform', 'DER', '-text'])
    expect(readCsr(text).subject.commonName).toBe('web')
  })

  test.each([
    ['RSA (Q8)', ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048']],
    ['P-224 (Q9)', ec('secp224r1')],
    ['P-521 (Q9)', ec('P-521')],
    ['secp256k1', ec('secp256k1')],
    ['Ed448', ['-algorithm', 'ED448']],
  ])('%s is refused with its own code', (_name, key) => {
    expect(codeOf(() => parseCsr(opensslCsr(key, '-subj', '/CN=web')))).toBe('CSR_UNSUPPORTED_KEY')
  })

  test('a signature with SHA-1 is refused', () => {
    expect(codeOf(() => parseCsr(opensslCsr(ec('P-256'), '-sha1', '-subj', '/CN=web')))).toBe(
      'CSR_UNSUPPORTED_SIGNATURE_ALGORITHM',
    )
  })

  test('explicit curve parameters are refused', () => {
    const der = opensslCsr([...ec('P-256'), '-pkeyopt', 'ec_param_enc:explicit'], '-subj', '/CN=web')
    expect(codeOf(() => parseCsr(der))).toBe('CSR_UNSUPPORTED_KEY')
  })
})

describe('requests that we make', () => {
  test.each(['P-256', 'P-384', 'Ed25519'] as const)('openssl verifies a %s one', async (algorithm) => {
    const signer = createNodeSigner(generatePrivateKey(algorithm))
    const uris = ['spiffe://cluster.local/ns/emojivoto/sa/web']
    writeFileSync(join(folder, 'ours.der'), await buildCsr({ signer, commonName: 'web', dnsNames: [name], uris }))
    const { stdout, stderr } = spawnSync(
      'openssl',
      ['req', '-inform', 'DER', '-in', 'ours.der', '-verify', '-noout', '-text'],
      { cwd: folder, encoding: 'utf8' },
    )
    expect(stdout + stderr).toContain('verify OK')
    expect(stdout).toContain(`DNS:${name}, URI:${uris[0]}`)
    expect(stdout).toMatch(/Subject: CN ?= ?web/)
  })
})
