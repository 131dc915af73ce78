import { createTrustBundle, encodeTrustBundle, parseTrustBundle } from '@meshid/trust-bundle'
import { describe, expect, test } from 'vitest'
import { base64, createAuthority, jwtJwk, read, trustDomain, x509Jwk } from './authorities.ts'

const a = await createAuthority('a')
const b = await createAuthority('b', { algorithm: 'P-384' })
const e = await createAuthority('e', { algorithm: 'Ed25519' })
const x509Authorities = [a.certificate, b.certificate, e.certificate]
const written = (text: string) => JSON.parse(text) as { readonly keys: readonly Record<string, unknown>[] }

describe('encodeTrustBundle', () => {
  test('writes one entry for each certificate, for x509-svid (X509-40)', () => {
    const { keys } = written(encodeTrustBundle(createTrustBundle({ trustDomain, x509Authorities })))
    expect(keys[0]).toEqual(x509Jwk(a.certificate))
    expect(keys[1]).toEqual(x509Jwk(b.certificate))
    expect(keys[2]).toMatchObject({ kty: 'OKP', crv: 'Ed25519', use: 'x509-svid' })
  })

  test('sets no kid on certificates (X509-41), and x5c to one in standard base64 (X509-42)', () => {
    const { keys } = written(encodeTrustBundle(createTrustBundle({ trustDomain, x509Authorities })))
    expect(keys.every((key) => !('kid' in key))).toBe(true)
    expect(keys.map((key) => key['x5c'])).toEqual(x509Authorities.map(({ der }) => [base64(der)]))
  })

  test('sets the sequence number to the last digit (BUNDLE-7) and the hint in seconds (BUNDLE-9)', () => {
    const text = encodeTrustBundle(
      createTrustBundle({ trustDomain, sequenceNumber: 9007199254740993n, refreshHintMs: 60_000 }),
    )
    expect(text).toBe('{"keys":[],"spiffe_sequence":9007199254740993,"spiffe_refresh_hint":60}')
  })

  test('writes no member that nobody defined (BUNDLE-16)', () => {
    const { bundle } = read({ keys: [x509Jwk(a.certificate, { spiffe_note: 'x', alg: 'ES256' })], more: 1 })
    const document = written(encodeTrustBundle(bundle))
    expect(Object.keys(document)).toEqual(['keys'])
    expect(Object.keys(document.keys[0] ?? {})).toEqual(['kty', 'crv', 'x', 'y', 'use', 'x5c'])
  })

  test('writes an empty bundle so that readers can read it (BUNDLE-19)', () => {
    const text = encodeTrustBundle(createTrustBundle({ trustDomain }))
    expect(text).toBe('{"keys":[]}')
    expect(parseTrustBundle(text, { trustDomain }).isEmpty).toBe(true)
  })

  test('has no private member to write: such an entry never came in (BUNDLE-20)', () => {
    const { bundle } = read({ keys: [jwtJwk(a.certificate, { d: 'AAAA' }), jwtJwk(b.certificate)] })
    expect(written(encodeTrustBundle(bundle)).keys).toEqual([jwtJwk(b.certificate)])
  })

  test('reads what it wrote: certificates, keys for tokens, sequence number and hint (BUNDLE-21)', () => {
    const numbers = jwtJwk(a.certificate, { n1: 'n2' })
    const text = `{"keys":[${JSON.stringify(x509Jwk(b.certificate))},${JSON.stringify(numbers).replace('"n2"', '12345678901234567890.10')}],"spiffe_sequence":18446744073709551615,"spiffe_refresh_hint":7}`
    const first = encodeTrustBundle(parseTrustBundle(text, { trustDomain }))
    expect(first).toBe(text)
    expect(encodeTrustBundle(parseTrustBundle(first, { trustDomain }))).toBe(first)
  })
})
