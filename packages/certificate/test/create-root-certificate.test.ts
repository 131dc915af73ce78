import { describe, expect, test } from 'vitest'
import { keyIdentifier, nobleVerifier, type Signer } from '@meshid/keys'
import { parseTrustDomain } from '@meshid/spiffe-id'
import { createRootCertificate, createTrustAnchors, verifyChain } from '@meshid/certificate'
import { at, hourMs, newSigner, now, type TestAlgorithm } from './ca.ts'

const code = (expected: string) => expect.objectContaining({ name: 'CertificateError', code: expected })
const commonName = 'root.linkerd.cluster.local'

describe('a root certificate', () => {
  test.each<TestAlgorithm>(['P-256', 'P-384', 'Ed25519'])(
    'with a %s key signs itself and can be trusted',
    async (algorithm) => {
      const signer = newSigner(algorithm)
      const root = await createRootCertificate({ signer, commonName, now })
      expect(root.publicKey.spki).toEqual(signer.key.spki)
      expect(root.issuer.bytes).toEqual(root.subject.bytes)
      const trustAnchors = createTrustAnchors([root])
      const input = { chain: [root], trustAnchors, now, purpose: 'issuer' } as const
      expect(verifyChain(input, { verifier: nobleVerifier }).path).toHaveLength(1)
    },
  )

  test('is a CA and says so, with critical constraints and usages, and nothing about extended ones (Q23, X509-15, X509-17)', async () => {
    const signer = newSigner()
    const root = await createRootCertificate({ signer, commonName, now })
    expect(root.basicConstraints).toEqual({ critical: true, ca: true, pathLength: undefined })
    const usages = Object.entries(root.keyUsage ?? {}).filter(([, value]) => value)
    expect(usages.map(([usage]) => usage)).toEqual(['critical', 'keyCertSign', 'crlSign'])
    expect(root.extendedKeyUsage).toBeUndefined()
    expect(root.subjectAltNames).toBeUndefined()
    expect(root.subjectKeyIdentifier).toEqual(keyIdentifier(signer.key.publicKey))
    expect(root.authorityKeyIdentifier).toBeUndefined()
    expect(root.subject.text()).toBe('CN=root.linkerd.cluster.local')
  })

  test('carries the ID of its trust domain, without a path, if it is told (X509-9, X509-10, ISS-4)', async () => {
    const trustDomain = parseTrustDomain('cluster.local')
    const root = await createRootCertificate({ signer: newSigner(), commonName, trustDomain, now })
    expect(root.subjectAltNames).toMatchObject({ critical: false, uris: ['spiffe://cluster.local'], dnsNames: [] })
  })

  test('limits the CAs below it if it is told (X509-16)', async () => {
    const root = await createRootCertificate({ signer: newSigner(), commonName, pathLength: 1, now })
    expect(root.basicConstraints?.pathLength).toBe(1)
  })

  test('lives for 8760 hours from now, and 10 seconds before, unless told otherwise (Q13)', async () => {
    const root = await createRootCertificate({ signer: newSigner(), commonName, now })
    expect([root.notBefore, root.notAfter]).toEqual([at(-10_000), at(8760 * hourMs)])
    const other = await createRootCertificate({
      signer: newSigner(),
      commonName,
      now,
      lifetimeMs: hourMs,
      clockSkewMs: 0,
    })
    expect([other.notBefore, other.notAfter]).toEqual([now, at(hourMs)])
  })

  test('may outlive 2049, when times change their form (RFC 5280 section 4.1.2.5)', async () => {
    const lifetimeMs = 50 * 365 * 24 * hourMs
    const root = await createRootCertificate({ signer: newSigner(), commonName, now, lifetimeMs })
    expect(root.notAfter).toEqual(at(lifetimeMs))
  })

  test('is refused with a common name that is too long (Q52)', async () => {
    const long = createRootCertificate({ signer: newSigner(), commonName: 'x'.repeat(65), now })
    await expect(long).rejects.toEqual(code('CERT_COMMON_NAME_INVALID'))
  })

  test('is not returned when its signature does not verify', async () => {
    const stranger = newSigner()
    const signer: Signer = { ...newSigner(), sign: (message) => stranger.sign(message) }
    await expect(createRootCertificate({ signer, commonName, now })).rejects.toEqual(code('CERT_SIGNATURE_INVALID'))
  })

  test('is not returned when the signer fails', async () => {
    const cause = new Error('no')
    const sign = (): never => {
      throw cause
    }
    await expect(createRootCertificate({ signer: { ...newSigner(), sign }, commonName, now })).rejects.toEqual(
      expect.objectContaining({ code: 'CERT_SIGNING_FAILED', cause }),
    )
  })
})
