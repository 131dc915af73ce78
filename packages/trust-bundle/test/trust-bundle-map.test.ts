import {
  createTrustBundle,
  createTrustBundleSet,
  encodeTrustBundleMap,
  type IgnoredMember,
  parseTrustBundleMap,
} from '@meshid/trust-bundle'
import { describe, expect, test } from 'vitest'
import { codeOf, createAuthority, otherDomain, reasons, trustDomain, x509Jwk } from './authorities.ts'

const a = await createAuthority('a')
const b = await createAuthority('b')
const bundle = { keys: [x509Jwk(a.certificate)] }
const map = (domains: unknown) => JSON.stringify({ trust_domains: domains })

describe('parseTrustBundleMap', () => {
  test('reads a bundle for each name (BUNDLE-23)', () => {
    const bundles = parseTrustBundleMap(map({ 'td.test': bundle, 'other.test': { keys: [] } }))
    expect(bundles.size).toBe(2)
    expect(bundles.get(trustDomain)?.x509Authorities.map(({ der }) => der)).toEqual([a.certificate.der])
    expect(bundles.get(otherDomain)?.isEmpty).toBe(true)
    expect(parseTrustBundleMap(map({})).size).toBe(0)
  })

  test.each([
    ['no object', '[]'],
    ['no trust_domains', '{"keys":[]}'],
    ['an array', '{"trust_domains":[]}'],
  ])('%s is no map (BUNDLE-23)', (_, text) => {
    expect(codeOf(() => parseTrustBundleMap(text))).toBe('TRUST_BUNDLE_MAP_INVALID')
  })

  test.each(['spiffe://td.test', 'TD.test', '', 'td.test/path'])('%s is no name (BUNDLE-23)', (name) => {
    expect(codeOf(() => parseTrustBundleMap(map({ [name]: bundle })))).toBe('TRUST_BUNDLE_TRUST_DOMAIN_INVALID')
  })

  test.each(['td.test', 'td\\u002etest'])('a name that is there twice refuses the map: %s (BUNDLE-24)', (name) => {
    const text = `{"trust_domains":{"td.test":{"keys":[]},"${name}":{"keys":[]}}}`
    expect(codeOf(() => parseTrustBundleMap(text))).toBe('TRUST_BUNDLE_TRUST_DOMAIN_DUPLICATE')
  })

  test('trust_domains that are there twice refuse it too (BUNDLE-24)', () => {
    expect(codeOf(() => parseTrustBundleMap('{"trust_domains":{},"trust_domains":{}}'))).toBe(
      'TRUST_BUNDLE_MEMBER_DUPLICATE',
    )
  })

  test('a refresh hint inside changes nothing (BUNDLE-25)', () => {
    const bundles = parseTrustBundleMap(map({ 'td.test': { ...bundle, spiffe_refresh_hint: 5, spiffe_sequence: 3 } }))
    expect(bundles.get(trustDomain)).toMatchObject({ refreshHintMs: undefined, sequenceNumber: 3n })
  })

  test('one bundle that is refused refuses the map (BUNDLE-26)', () => {
    expect(codeOf(() => parseTrustBundleMap(map({ 'td.test': bundle, 'other.test': {} })))).toBe(
      'TRUST_BUNDLE_KEYS_MISSING',
    )
  })

  test('entries are ignored one by one in maps too (BUNDLE-13)', () => {
    const ignored: IgnoredMember[] = []
    const text = map({ 'td.test': { keys: [{ kty: 'AKP' }, x509Jwk(a.certificate)] } })
    parseTrustBundleMap(text, { onIgnored: (member) => ignored.push(member) })
    expect(reasons(ignored)).toEqual(['/trust_domains/td.test/keys/0 TRUST_BUNDLE_KEY_TYPE_UNKNOWN'])
  })
})

describe('encodeTrustBundleMap', () => {
  test('writes each name once (BUNDLE-24), without refresh hints (BUNDLE-25)', () => {
    const bundles = createTrustBundleSet([
      createTrustBundle({ trustDomain, x509Authorities: [a.certificate], refreshHintMs: 60_000, sequenceNumber: 1n }),
      createTrustBundle({ trustDomain: otherDomain, x509Authorities: [b.certificate] }),
    ])
    const text = encodeTrustBundleMap(bundles)
    expect(JSON.parse(text)).toEqual({
      trust_domains: {
        'td.test': { keys: [x509Jwk(a.certificate)], spiffe_sequence: 1 },
        'other.test': { keys: [x509Jwk(b.certificate)] },
      },
    })
    expect(encodeTrustBundleMap(parseTrustBundleMap(text))).toBe(text)
  })
})
