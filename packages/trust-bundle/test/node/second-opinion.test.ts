import { createPublicKey, X509Certificate } from 'node:crypto'
import { type Certificate, parseCertificate } from '@meshid/certificate'
import { openssl } from '@meshid/testkit'
import { createTrustBundle, encodeTrustBundle, parseTrustBundle } from '@meshid/trust-bundle'
import { describe, expect, test } from 'vitest'
import { read, reasons, trustDomain, x509Jwk } from '../authorities.ts'

/** A self-signed CA certificate of openssl. */
async function opensslRoot(...newKey: readonly string[]): Promise<Certificate> {
  const extensions = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign']
  const more = extensions.flatMap((extension) => ['-addext', extension])
  const args = ['req', '-x509', '-nodes', '-keyout', '/dev/null', '-outform', 'DER', '-subj', '/CN=root', ...more]
  const { stdout, stderr, code } = await openssl([...args, '-days', '30', '-newkey', ...newKey])
  if (code !== 0) throw new Error(`openssl req: ${stderr}`)
  return parseCertificate(stdout)
}

const kinds = [
  ['P-256', ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256']],
  ['P-384', ['ec', '-pkeyopt', 'ec_paramgen_curve:P-384']],
  ['Ed25519', ['ed25519']],
  ['RSA', ['rsa:2048']],
] as const

describe('a second opinion of openssl and Node', { timeout: 60_000 }, () => {
  test.each(kinds)(
    'an entry of a root of openssl with %s is the key that Node sees (X509-40, X509-42)',
    async (_, how) => {
      const root = await opensslRoot(...how)
      const text = encodeTrustBundle(createTrustBundle({ trustDomain, x509Authorities: [root] }))
      const [entry] = (JSON.parse(text) as { readonly keys: readonly [Record<string, unknown>] }).keys
      const theirs = new X509Certificate(root.der).publicKey.export({ format: 'jwk' })
      expect(entry).toMatchObject(theirs)
      expect(Object.keys(entry).toSorted()).toEqual([...Object.keys(theirs), 'use', 'x5c'].toSorted())
      expect(createPublicKey({ key: entry, format: 'jwk' }).export({ format: 'der', type: 'spki' })).toEqual(
        Buffer.from(root.publicKey.spki),
      )
      expect(parseTrustBundle(text, { trustDomain }).x509Authorities.map(({ der }) => der)).toEqual([root.der])
    },
  )

  test('a certificate of another RSA key than the entry says is left out (X509-46)', async () => {
    const [one, other] = await Promise.all([opensslRoot('rsa:2048'), opensslRoot('rsa:2048')])
    const { n, e } = new X509Certificate(other.der).publicKey.export({ format: 'jwk' })
    const entry = x509Jwk(one, { kty: 'RSA', n, e, crv: undefined, x: undefined, y: undefined })
    expect(reasons(read({ keys: [entry] }).ignored)).toEqual(['/keys/0 TRUST_BUNDLE_CERTIFICATE_KEY_MISMATCH'])
  })
})
