import { isMatch, matchId, parseSpiffeId, parseTrustDomain } from '@meshid/spiffe-id'
import { describe, expect, it } from 'vitest'
import { codeAndDetail, refusal } from './refusal.ts'

const td = parseTrustDomain('td')
const web = parseSpiffeId('spiffe://td/ns/a/sa/web')
const api = parseSpiffeId('spiffe://td/ns/a/sa/api')

describe('matchId', () => {
  it('ID-19: exact accepts the same ID only, and says both otherwise', () => {
    expect(matchId.exact(web)(parseSpiffeId('spiffe://td/ns/a/sa/web'))).toBeUndefined()
    expect(codeAndDetail(() => matchId.exact(web)(api))).toEqual({
      code: 'SPIFFE_ID_MISMATCH',
      expected: 'spiffe://td/ns/a/sa/web',
      found: 'spiffe://td/ns/a/sa/api',
    })
    expect(isMatch(matchId.exact(web), parseSpiffeId('spiffe://td/ns/a/sa/WEB'))).toBe(false)
  })

  it('oneOf accepts any of a list, nothing of an empty one, and keeps its own copy', () => {
    const ids = [web]
    const matcher = matchId.oneOf(ids)
    ids.push(api)
    expect(isMatch(matcher, web)).toBe(true)
    expect(refusal(() => matcher(api)).code).toBe('SPIFFE_ID_NOT_ONE_OF')
    expect(isMatch(matchId.oneOf([]), web)).toBe(false)
    expect(isMatch(matchId.oneOf(new Set([web, api])), api)).toBe(true)
  })

  it('oneOf lists five of many in its refusal', () => {
    const many = Array.from({ length: 7 }, (_, index) => parseSpiffeId(`spiffe://td/${index}`))
    expect(refusal(() => matchId.oneOf(many)(web)).detail.expected).toBe(
      'one of [spiffe://td/0, spiffe://td/1, spiffe://td/2, spiffe://td/3, spiffe://td/4 and 2 more]',
    )
  })

  it('ID-30: memberOf accepts the trust domain and everything in it, nothing that only begins like it', () => {
    const matcher = matchId.memberOf(td)
    expect(isMatch(matcher, web)).toBe(true)
    expect(isMatch(matcher, td.id)).toBe(true)
    for (const other of ['spiffe://td2/ns/a/sa/web', 'spiffe://t', 'spiffe://td.evil/a', 'spiffe://a.td/a']) {
      expect(refusal(() => matcher(parseSpiffeId(other))).code).toBe('SPIFFE_ID_NOT_A_MEMBER')
    }
  })

  it.each([
    ['/ns/*/sa/web', '/ns/a/sa/web', true],
    ['/ns/*/sa/web', '/ns/a/sa/web2', false],
    ['/ns/*/sa/web', '/ns/a/b/sa/web', false],
    ['/ns/*/sa/web', '/ns/a/sa/web/x', false],
    ['/ns/*/sa/web', '/ns/sa/web', false],
    ['/ns/prod/**', '/ns/prod/sa/web', true],
    ['/ns/prod/**', '/ns/prod/x', true],
    ['/ns/prod/**', '/ns/prod', false],
    ['/ns/prod/**', '/ns/production/sa/web', false],
    ['/ns/prod', '/ns/prod', true],
    ['/ns/prod', '/ns/production', false],
    ['/ns/prod', '/ns/prod/sa', false],
    ['/ns/Prod', '/ns/prod', false],
    ['/a.c', '/abc', false],
    ['/*', '', false],
    ['/*', '/...', true],
    ['/**', '/a/b/c', true],
    ['/**', '', false],
    ['', '', true],
    ['', '/a', false],
  ])('pathPattern %j on path %j: %j, on "/" boundaries only', (pattern, path, fits) => {
    const matcher = matchId.pathPattern(td, pattern)
    const id = parseSpiffeId(`spiffe://td${path}`)
    expect(isMatch(matcher, id)).toBe(fits)
    if (!fits) expect(refusal(() => matcher(id)).code).toBe('SPIFFE_ID_PATTERN_MISMATCH')
  })

  it('ID-30: pathPattern looks at the trust domain first', () => {
    const matcher = matchId.pathPattern(td, '/ns/*/sa/web')
    const foreign = parseSpiffeId('spiffe://other/ns/a/sa/web')
    expect(refusal(() => matcher(foreign)).code).toBe('SPIFFE_ID_NOT_A_MEMBER')
  })

  it.each([
    'ns/a',
    '/',
    '/a/',
    '/a//b',
    '/a*',
    '/*a',
    '/***',
    '/**/a',
    '/a/./b',
    '/..',
    '/a?b',
    '/[ab]',
    'spiffe://td/a',
  ])('pathPattern refuses the malformed %j', (pattern) =>
    expect(refusal(() => matchId.pathPattern(td, pattern)).code).toBe('SPIFFE_ID_PATTERN_INVALID'),
  )

  it('isMatch lets foreign errors through', () => {
    const broken = (): void => {
      throw new RangeError('broken')
    }
    expect(() => isMatch(broken, web)).toThrow(RangeError)
  })
})
