import { parseCertificate } from '@meshid/certificate'
import { createTrustBundle, createTrustBundleSet, MAX_REFRESH_HINT_MS, MAX_SEQUENCE_NUMBER } from '@meshid/trust-bundle'
import { describe, expect, test } from 'vitest'
import { codeOf, createAuthority, createLeaf, crossSign, otherDomain, refusalOf, trustDomain } from './authorities.ts'

const a = await createAuthority('a')
const b = await createAuthority('b')

describe('createTrustBundle', () => {
  test('is the authorities of one trust domain, frozen (BUNDLE-1)', () => {
    const bundle = createTrustBundle({ trustDomain, x509Authorities: [a.certificate] })
    expect(Object.isFrozen(bundle) && Object.isFrozen(bundle.x509Authorities)).toBe(true)
    expect(bundle.isEmpty).toBe(false)
  })

  test('takes equal certificates for one (X509-47)', () => {
    const again = parseCertificate(a.certificate.der)
    const bundle = createTrustBundle({ trustDomain, x509Authorities: [a.certificate, again, b.certificate] })
    expect(bundle.x509Authorities).toEqual([a.certificate, b.certificate])
  })

  test('refuses a leaf as an authority, with the reason (X509-14, X509-33)', async () => {
    const leaf = await createLeaf(a)
    const error = refusalOf(() => createTrustBundle({ trustDomain, x509Authorities: [a.certificate, leaf] }))
    expect(error).toMatchObject({ code: 'TRUST_BUNDLE_NOT_A_CA', detail: { certificate: 'CERT_NOT_A_CA' } })
  })

  test('takes an intermediate for an authority (X509-31)', async () => {
    const x509Authorities = [await crossSign(b, a)]
    expect(createTrustBundle({ trustDomain, x509Authorities }).x509Authorities).toEqual(x509Authorities)
  })

  test.each([
    ['a negative sequence number', { sequenceNumber: -1n }],
    ['one of 65 bits', { sequenceNumber: MAX_SEQUENCE_NUMBER + 1n }],
    ['no refresh hint at all', { refreshHintMs: 0 }],
    ['a refresh hint in fractions of seconds', { refreshHintMs: 1500 }],
    ['a refresh hint beyond reason', { refreshHintMs: MAX_REFRESH_HINT_MS + 1000 }],
  ])('refuses %s as a mistake of the caller', (_, more) => {
    expect(() => createTrustBundle({ trustDomain, ...more })).toThrow(RangeError)
  })

  test('refuses forged parts as mistakes of the caller', () => {
    // @ts-expect-error a name is not a TrustDomain
    expect(() => createTrustBundle({ trustDomain: 'td.test' })).toThrow(TypeError)
    const forged = Object.fromEntries(Object.entries(a.certificate))
    // @ts-expect-error a record is not a certificate
    expect(() => createTrustBundle({ trustDomain, x509Authorities: [forged] })).toThrow(TypeError)
    // @ts-expect-error a record is not a JWT authority
    expect(() => createTrustBundle({ trustDomain, jwtAuthorities: [{ keyId: 'a', json: '{}' }] })).toThrow(TypeError)
  })
})

describe('createTrustBundleSet', () => {
  const bundle = createTrustBundle({ trustDomain, x509Authorities: [a.certificate] })
  const other = createTrustBundle({ trustDomain: otherDomain, x509Authorities: [b.certificate] })

  test('has one bundle for each trust domain, and none for others (BUNDLE-2)', () => {
    const bundles = createTrustBundleSet([bundle, other])
    expect(bundles.size).toBe(2)
    expect(bundles.get(trustDomain)).toBe(bundle)
    expect(createTrustBundleSet([other]).get(trustDomain)).toBeUndefined()
    expect([...bundles]).toEqual([bundle, other])
  })

  test('has no way to ask for the authorities of all (X509-28)', () => {
    const names = Object.getOwnPropertyNames(Object.getPrototypeOf(createTrustBundleSet()))
    expect(names.toSorted()).toEqual(['constructor', 'get', 'size', 'with', 'without'])
  })

  test('replaces a bundle as a whole and leaves the old set alone (BUNDLE-3)', () => {
    const next = createTrustBundle({ trustDomain, x509Authorities: [b.certificate] })
    const before = createTrustBundleSet([bundle, other])
    const after = before.with(next)
    expect(after.get(trustDomain)?.x509Authorities).toEqual([b.certificate])
    expect(before.get(trustDomain)).toBe(bundle)
    expect(after.without(trustDomain).get(trustDomain)).toBeUndefined()
    expect(after.size).toBe(2)
  })

  test('keeps the keys of trust domains apart, even when they share one (BUNDLE-4)', () => {
    const shared = createTrustBundle({ trustDomain: otherDomain, x509Authorities: [a.certificate] })
    const bundles = createTrustBundleSet([bundle, shared]).without(otherDomain)
    expect(bundles.get(otherDomain)).toBeUndefined()
    expect(bundles.get(trustDomain)?.x509Authorities).toEqual([a.certificate])
  })

  test('refuses two bundles of one trust domain (BUNDLE-24)', () => {
    expect(codeOf(() => createTrustBundleSet([bundle, bundle]))).toBe('TRUST_BUNDLE_TRUST_DOMAIN_DUPLICATE')
  })

  test('refuses what only looks like a bundle', () => {
    // @ts-expect-error a record is not a bundle
    expect(() => createTrustBundleSet([Object.fromEntries(Object.entries(bundle))])).toThrow(TypeError)
  })
})
