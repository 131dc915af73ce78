import { X509Certificate as NodeCertificate, webcrypto } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import './reflect-metadata.ts'
import {
  cryptoProvider,
  SubjectAlternativeNameExtension,
  X509Certificate as PeculiarCertificate,
  X509ChainBuilder,
} from '@peculiar/x509'
import { Certificate as PkijsCertificate, CertificateChainValidationEngine, CryptoEngine, setEngine } from 'pkijs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openssl } from '@meshid/testkit'
import { createIssuer, encodeCertificatePem, fingerprint, parseCertificate } from '@meshid/certificate'
import { createCa, newKey, now, type TestAlgorithm, webId, webName } from '../ca.ts'

let directory = ''

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'meshid-issued-'))
  cryptoProvider.set(webcrypto as Crypto)
  setEngine('node', new CryptoEngine({ crypto: webcrypto as Crypto }))
})

afterAll(() => rm(directory, { recursive: true }))

const combinations: readonly (readonly [TestAlgorithm, TestAlgorithm])[] = [
  ['P-256', 'P-256'],
  ['P-256', 'P-384'],
  ['P-256', 'Ed25519'],
  ['P-384', 'P-256'],
  ['P-384', 'P-384'],
  ['P-384', 'Ed25519'],
]

describe.each(combinations)('%s root and issuer, %s leaf', async (algorithm, leafAlgorithm) => {
  const ca = await createCa({ algorithm })
  const issuer = await createIssuer({ ...ca, now })
  const identity = { spiffeId: webId, dnsName: webName }
  const { der } = await issuer.issue({ identity, key: newKey(leafAlgorithm), now })
  const leaf = parseCertificate(der)

  const files = async (): Promise<{ root: string; issuerFile: string; leafFile: string }> => {
    const name = `${algorithm}-${leafAlgorithm}`
    const paths = {
      root: join(directory, `${name}-root.pem`),
      issuerFile: join(directory, `${name}-issuer.pem`),
      leafFile: join(directory, `${name}-leaf.pem`),
    }
    await writeFile(paths.root, encodeCertificatePem(ca.root))
    await writeFile(paths.issuerFile, encodeCertificatePem(ca.intermediate))
    await writeFile(paths.leafFile, encodeCertificatePem(leaf))
    return paths
  }

  test.each(['sslserver', 'sslclient'])('openssl verify -x509_strict accepts the chain for %s', async (purpose) => {
    const { root, issuerFile, leafFile } = await files()
    const time = String(now.getTime() / 1000)
    const options = ['-x509_strict', '-check_ss_sig', '-policy_check', '-purpose', purpose, '-attime', time]
    const chain = ['-CAfile', root, '-untrusted', issuerFile, leafFile]
    expect(await openssl(['verify', ...options, ...chain])).toMatchObject({ code: 0, stderr: '' })
  })

  test('openssl verify -x509_strict accepts the issuer', async () => {
    const { root, issuerFile } = await files()
    const time = String(now.getTime() / 1000)
    const result = await openssl(['verify', '-x509_strict', '-attime', time, '-CAfile', root, issuerFile])
    expect(result).toMatchObject({ code: 0, stderr: '' })
  })

  test('openssl x509 -text says what the leaf says', async () => {
    const { stdout, code } = await openssl(['x509', '-inform', 'DER', '-noout', '-text'], { input: der })
    const text = stdout.toString()
    expect(code).toBe(0)
    expect(text).toMatch(/Subject: *\n/)
    expect(text).toMatch(/Issuer: CN *= *identity\.linkerd\.cluster\.local/)
    expect(text).toContain('Key Usage: critical\n                Digital Signature\n')
    expect(text).toContain('TLS Web Server Authentication, TLS Web Client Authentication')
    expect(text).toContain('Basic Constraints: critical\n                CA:FALSE')
    expect(text).toContain(`Alternative Name: critical\n                DNS:${String(webName)}, URI:${String(webId)}`)
  })

  test('openssl x509 -text says what the issuer says', async () => {
    const { stdout } = await openssl(['x509', '-inform', 'DER', '-noout', '-text'], { input: ca.intermediate.der })
    const text = stdout.toString()
    expect(text).toContain('Key Usage: critical\n                Certificate Sign, CRL Sign\n')
    expect(text).toContain('Basic Constraints: critical\n                CA:TRUE, pathlen:0')
    expect(text).toContain('Alternative Name: \n                URI:spiffe://cluster.local\n')
    expect(text).not.toContain('Extended Key Usage')
  })

  test('node:crypto links leaf, issuer and root', () => {
    const [end, middle, top] = [leaf, ca.intermediate, ca.root].map(
      (certificate) => new NodeCertificate(certificate.der),
    )
    if (!end || !middle || !top) throw new Error('three certificates are there')
    expect(end.checkIssued(middle) && end.verify(middle.publicKey)).toBe(true)
    expect(middle.checkIssued(top) && middle.verify(top.publicKey)).toBe(true)
    expect(top.checkIssued(top) && top.verify(top.publicKey)).toBe(true)
    expect(end.verify(top.publicKey)).toBe(false)
    expect([end.ca, middle.ca, top.ca]).toEqual([false, true, true])
    expect(end.subjectAltName).toBe(`DNS:${String(webName)}, URI:${String(webId)}`)
    expect(end.validToDate).toEqual(leaf.notAfter)
  })

  test('pkijs validates the chain', async () => {
    const [end, middle, top] = [leaf, ca.intermediate, ca.root].map(({ der: bytes }) =>
      PkijsCertificate.fromBER(new Uint8Array(bytes)),
    )
    if (!end || !middle || !top) throw new Error('three certificates are there')
    const engine = new CertificateChainValidationEngine({
      certs: [middle, end],
      trustedCerts: [top],
      checkDate: now,
    })
    expect(await engine.verify()).toMatchObject({ result: true, resultCode: 0 })
  })

  test('@peculiar/x509 verifies each link and builds the chain', async () => {
    const [end, middle, top] = [leaf, ca.intermediate, ca.root].map(
      (certificate) => new PeculiarCertificate(new Uint8Array(certificate.der)),
    )
    if (!end || !middle || !top) throw new Error('three certificates are there')
    expect(await end.verify({ publicKey: middle.publicKey, date: now })).toBe(true)
    expect(await middle.verify({ publicKey: top.publicKey, date: now })).toBe(true)
    const chain = await new X509ChainBuilder({ certificates: [middle, top] }).build(end)
    expect(chain.map((item) => Buffer.from(item.rawData).toString('hex'))).toEqual(
      [leaf, ca.intermediate, ca.root].map((certificate) => Buffer.from(certificate.der).toString('hex')),
    )
    const names = end.getExtension(SubjectAlternativeNameExtension)
    expect(names?.names.toJSON()).toEqual([
      { type: 'dns', value: String(webName) },
      { type: 'url', value: String(webId) },
    ])
  })

  test('openssl gives the fingerprint that goes into the log', async () => {
    const { stdout } = await openssl(['dgst', '-sha256', '-r'], { input: der })
    expect(stdout.toString().slice(0, 64)).toBe(fingerprint(leaf))
  })
})
