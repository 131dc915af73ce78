import { describe, expect, test } from 'vitest'
import { nobleVerifier } from '@meshid/keys'
import { parseTrustDomain } from '@meshid/spiffe-id'
import { createIntermediateCertificate, createTrustAnchors, rootTemplate, verifyChain } from '@meshid/certificate'
import { at, createCa, dayMs, hourMs, newKey, newSigner, now, signOddCertificate, type TestAlgorithm } from './ca.ts'

const code = (expected: string) => expect.objectContaining({ name: 'CertificateError', code: expected })
const commonName = 'identity.linkerd.cluster.local'

describe('an intermediate certificate', async () => {
  const ca = await createCa()
  const issuer = { chain: [ca.root], signer: ca.rootSigner }

  test.each<TestAlgorithm>(['P-256', 'P-384', 'Ed25519'])(
    'with a %s key verifies up to the root',
    async (algorithm) => {
      const key = newKey(algorithm)
      const certificate = await createIntermediateCertificate({ issuer, key, commonName, now })
      expect(certificate.publicKey.spki).toEqual(key.spki)
      const input = { chain: [certificate], trustAnchors: ca.trustAnchors, now, purpose: 'issuer' } as const
      const verified = verifyChain(input, { verifier: nobleVerifier })
      expect(verified.anchor).toBe(verified.path.at(-1))
      expect(verified.path.at(-1)?.der).toEqual(ca.root.der)
    },
  )

  test('is a CA for leaves only, names its issuer by key and name, and says nothing of extended usages (Q23)', async () => {
    const certificate = await createIntermediateCertificate({ issuer, key: newKey(), commonName, now })
    expect(certificate.basicConstraints).toEqual({ critical: true, ca: true, pathLength: 0 })
    const usages = Object.entries(certificate.keyUsage ?? {}).filter(([, value]) => value)
    expect(usages.map(([usage]) => usage)).toEqual(['critical', 'keyCertSign', 'crlSign'])
    expect(certificate.extendedKeyUsage).toBeUndefined()
    expect(certificate.issuer.bytes).toEqual(ca.root.subject.bytes)
    expect(certificate.authorityKeyIdentifier).toEqual(ca.root.subjectKeyIdentifier)
    expect(certificate.subject.text()).toBe(`CN=${commonName}`)
  })

  test('carries the ID of its trust domain, without a path, if it is told (X509-9, X509-10, X509-11)', async () => {
    const trustDomain = parseTrustDomain('cluster.local')
    const certificate = await createIntermediateCertificate({ issuer, key: newKey(), commonName, trustDomain, now })
    expect(certificate.subjectAltNames?.uris).toEqual(['spiffe://cluster.local'])
    const plain = await createIntermediateCertificate({ issuer, key: newKey(), commonName, now })
    expect(plain.subjectAltNames).toBeUndefined()
  })

  test('is cut to its root at both ends (Q14)', async () => {
    const lifetimeMs = 20 * 365 * dayMs
    const certificate = await createIntermediateCertificate({
      issuer,
      key: newKey(),
      commonName,
      now,
      lifetimeMs,
      clockSkewMs: hourMs,
    })
    expect([certificate.notBefore, certificate.notAfter]).toEqual([ca.root.notBefore, ca.root.notAfter])
  })

  test('repeats the name and the key identifier of its issuer as they are, also in unusual forms', async () => {
    const signer = newSigner()
    const root = signOddCertificate({ template: rootTemplate('корень ☂'), key: signer.key, signer })
    const certificate = await createIntermediateCertificate({
      issuer: { chain: [root], signer },
      key: newKey(),
      commonName,
      now,
    })
    expect(certificate.issuer.bytes).toEqual(root.subject.bytes)
    expect(certificate.issuer.commonName).toBe('корень ☂')
  })

  test('is refused below a CA that allows none below it', async () => {
    const below = { chain: [ca.intermediate, ca.root], signer: ca.signer }
    const attempt = createIntermediateCertificate({ issuer: below, key: newKey(), commonName: 'below', now })
    await expect(attempt).rejects.toEqual(code('CERT_PATH_LENGTH_EXCEEDED'))
  })

  test('is refused the name of its issuer, because a self-issued CA escapes the path length (RFC 5280 section 6.1.4 l)', async () => {
    const below = { chain: [ca.intermediate, ca.root], signer: ca.signer }
    const attempt = createIntermediateCertificate({ issuer: below, key: newKey(), commonName, now })
    await expect(attempt).rejects.toEqual(code('CERT_COMMON_NAME_INVALID'))
  })

  test('is refused when the private key of the issuer is another', async () => {
    const wrong = { chain: [ca.root], signer: ca.signer }
    await expect(createIntermediateCertificate({ issuer: wrong, key: newKey(), commonName, now })).rejects.toEqual(
      code('CERT_KEY_MISMATCH'),
    )
  })

  test.each([
    ['has expired', 3650 * dayMs + 1000, 'CERT_EXPIRED'],
    ['is not valid yet', -hourMs, 'CERT_NOT_YET_VALID'],
    ['is about to expire (Q15)', 3650 * dayMs - 1000, 'CERT_ISSUER_EXPIRING'],
  ])('is refused when the issuer %s', async (_, ms, expected) => {
    const late = createIntermediateCertificate({ issuer, key: newKey(), commonName, now: at(ms) })
    await expect(late).rejects.toEqual(code(expected))
  })

  test('is refused without a chain', async () => {
    const empty = { chain: [], signer: ca.rootSigner }
    await expect(createIntermediateCertificate({ issuer: empty, key: newKey(), commonName, now })).rejects.toEqual(
      code('CERT_TRUST_ANCHORS_EMPTY'),
    )
  })

  test('takes a proven key only, also from those who silence the compiler', async () => {
    const key = newKey().publicKey as never
    await expect(createIntermediateCertificate({ issuer, key, commonName, now })).rejects.toThrow(TypeError)
  })

  test('can be issued below another intermediate when that one allows it', async () => {
    const middleSigner = newSigner()
    const middle = await createIntermediateCertificate({
      issuer,
      key: middleSigner.key,
      commonName: 'middle',
      pathLength: 1,
      now,
    })
    const low = await createIntermediateCertificate({
      issuer: { chain: [middle, ca.root], signer: middleSigner },
      key: newKey(),
      commonName: 'low',
      now,
    })
    const trustAnchors = createTrustAnchors([ca.root])
    const input = { chain: [low, middle], trustAnchors, now, purpose: 'issuer' } as const
    expect(verifyChain(input, { verifier: nobleVerifier }).path).toHaveLength(3)
  })
})
