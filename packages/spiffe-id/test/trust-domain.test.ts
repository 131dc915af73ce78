import { normalizeSpiffeId, parseSpiffeId, parseTrustDomain, TrustDomain, trustDomainOf } from '@meshid/spiffe-id'
import { describe, expect, it } from 'vitest'
import { codeAndDetail, codeAndOffset } from './refusal.ts'

describe('parseTrustDomain', () => {
  it('ID-9 ID-12 ID-20: takes a bare name of any shape', () => {
    for (const name of ['example.org', '.', '..', '-', 'td.', 'a_b', '1.2.3.4', 'a'.repeat(255)]) {
      expect(parseTrustDomain(name).toString()).toBe(name)
    }
  })

  it.each([
    ['', 'SPIFFE_ID_TRUST_DOMAIN_EMPTY', 0],
    ['TD', 'SPIFFE_ID_TRUST_DOMAIN_UPPERCASE', 0],
    ['a/b', 'SPIFFE_ID_TRUST_DOMAIN_CHARACTER', 1],
    ['td:/x', 'SPIFFE_ID_PORT', 2],
    ['u@td', 'SPIFFE_ID_USERINFO', 1],
    ['t%64', 'SPIFFE_ID_PERCENT_ENCODING', 1],
    ['td?', 'SPIFFE_ID_QUERY', 2],
    ['td#', 'SPIFFE_ID_FRAGMENT', 2],
    ['t d', 'SPIFFE_ID_TRUST_DOMAIN_CHARACTER', 1],
    ['\u212A', 'SPIFFE_ID_TRUST_DOMAIN_CHARACTER', 0],
    ['\uD800', 'SPIFFE_ID_TRUST_DOMAIN_CHARACTER', 0],
  ])('ID-8 ID-9 ID-20 ID-21: refuses %j with %s', (name, code, offset) =>
    expect(codeAndOffset(() => parseTrustDomain(name))).toEqual([code, offset]),
  )

  it('ID-25: refuses 256 bytes', () => {
    const detail = { code: 'SPIFFE_ID_TRUST_DOMAIN_TOO_LONG', found: '256', limit: 255 }
    expect(codeAndDetail(() => parseTrustDomain('a'.repeat(256)))).toMatchObject(detail)
  })

  it('ID-15 ID-32: the ID of a trust domain has no path and lies in itself', () => {
    const trustDomain = parseTrustDomain('example.org')
    expect(trustDomain.id.toString()).toBe('spiffe://example.org')
    expect(trustDomain.id.path).toBe('')
    expect(trustDomain.id.trustDomain.equals(trustDomain)).toBe(true)
  })

  it('ID-19 ID-29: is frozen, unforgeable, and equal byte for byte', () => {
    const trustDomain = parseTrustDomain('example.org')
    expect(Object.isFrozen(trustDomain)).toBe(true)
    expect(() => Reflect.construct(TrustDomain, [undefined, 'BAD'])).toThrow(TypeError)
    expect(trustDomain.equals(parseTrustDomain('example.org'))).toBe(true)
    expect(trustDomain.equals(parseTrustDomain('example.org.'))).toBe(false)
    const lookalike: TrustDomain = Object.create(trustDomain)
    expect(trustDomain.equals(lookalike)).toBe(false)
    expect(JSON.stringify(trustDomain)).toBe('"example.org"')
  })
})

describe('trustDomainOf', () => {
  it('ID-20: takes a name, an ID with or without a path, or a value', () => {
    const id = parseSpiffeId('spiffe://td/a')
    for (const from of ['td', 'spiffe://td', 'spiffe://td/a/b', id, id.trustDomain]) {
      expect(trustDomainOf(from).name).toBe('td')
    }
  })

  it.each([
    ['td:/x', 'SPIFFE_ID_SCHEME_INVALID'],
    ['SPIFFE://td', 'SPIFFE_ID_SCHEME_UPPERCASE'],
    ['a/b', 'SPIFFE_ID_TRUST_DOMAIN_CHARACTER'],
    ['TD', 'SPIFFE_ID_TRUST_DOMAIN_UPPERCASE'],
    ['', 'SPIFFE_ID_TRUST_DOMAIN_EMPTY'],
  ])('ID-20: refuses %j with %s', (text, code) => expect(codeAndOffset(() => trustDomainOf(text))[0]).toBe(code))

  it('a value that is no string is a bug of the caller', () =>
    expect(() => Reflect.apply(trustDomainOf, undefined, [7])).toThrow(TypeError))
})

describe('normalizeSpiffeId', () => {
  it('ID-17: lowercases scheme and trust domain, never the path', () => {
    expect(normalizeSpiffeId('SPIFFE://Example.ORG/Ns/A').toString()).toBe('spiffe://example.org/Ns/A')
    expect(normalizeSpiffeId('spiffe://TD').toString()).toBe('spiffe://td')
  })

  it('ID-21: folds ASCII only, so the Kelvin sign does not become a k', () => {
    expect(codeAndOffset(() => normalizeSpiffeId('spiffe://\u212A/a'))).toEqual(['SPIFFE_ID_TRUST_DOMAIN_CHARACTER', 9])
    expect(codeAndOffset(() => normalizeSpiffeId('\u017Fpiffe://td'))).toEqual(['SPIFFE_ID_SCHEME_INVALID', 0])
  })

  it('repairs nothing else', () => {
    expect(codeAndOffset(() => normalizeSpiffeId('SPIFFE://TD/A/'))[0]).toBe('SPIFFE_ID_TRAILING_SLASH')
    expect(codeAndOffset(() => normalizeSpiffeId('SPIFFE://TD:1'))[0]).toBe('SPIFFE_ID_PORT')
    expect(codeAndOffset(() => normalizeSpiffeId('spiffe://td/'.padEnd(2049, 'A')))[0]).toBe('SPIFFE_ID_TOO_LONG')
  })
})
