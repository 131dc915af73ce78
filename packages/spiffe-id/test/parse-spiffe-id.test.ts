import { isSpiffeId, parseSpiffeId, SpiffeId, type SpiffeIdErrorCode } from '@meshid/spiffe-id'
import { describe, expect, it } from 'vitest'
import { codeAndDetail, codeAndOffset } from './refusal.ts'

const accepted = (text: string): readonly [string, string] => {
  const id = parseSpiffeId(text)
  expect(id.toString()).toBe(text)
  expect(isSpiffeId(text)).toBe(true)
  return [id.trustDomain.name, id.path]
}

const refused = (text: string, code: SpiffeIdErrorCode, offset: number): void => {
  expect(codeAndOffset(() => parseSpiffeId(text))).toEqual([code, offset])
  expect(isSpiffeId(text)).toBe(false)
}

describe('what a SPIFFE ID is', () => {
  it('ID-1 ID-18: a scheme, a trust domain and an optional path, and nothing else', () => {
    expect(accepted('spiffe://example.org')).toEqual(['example.org', ''])
    expect(accepted('spiffe://example.org/web')).toEqual(['example.org', '/web'])
    expect(accepted('spiffe://cluster.local/ns/default/sa/web')).toEqual(['cluster.local', '/ns/default/sa/web'])
    expect(parseSpiffeId('spiffe://td/a/b').segments).toEqual(['a', 'b'])
    expect(parseSpiffeId('spiffe://td').segments).toEqual([])
  })

  it.each([
    ['', 0],
    ['spiffe', 6],
    ['spiffe:/td', 8],
    ['spiffe:td/a', 7],
    ['http://td/a', 0],
    ['spiffes://td', 6],
    [' spiffe://td', 0],
    ['td/a', 0],
    ['spif\u017Ee://td', 4],
  ])('ID-2: %j does not begin with the scheme', (text, offset) => refused(text, 'SPIFFE_ID_SCHEME_INVALID', offset))

  it.each([
    ['spiffe://td/a?', 13],
    ['spiffe://td/a?q=1', 13],
    ['spiffe://td?', 11],
  ])('ID-3: %j has a query, empty or not', (text, offset) => refused(text, 'SPIFFE_ID_QUERY', offset))

  it.each([
    ['spiffe://td/a#', 13],
    ['spiffe://td/a#f', 13],
    ['spiffe://td#', 11],
  ])('ID-4: %j has a fragment, empty or not', (text, offset) => refused(text, 'SPIFFE_ID_FRAGMENT', offset))

  it.each(['spiffe://', 'spiffe:///', 'spiffe:///p', 'spiffe://?q', 'spiffe://#'])(
    'ID-5: %j has no trust domain',
    (text) => refused(text, 'SPIFFE_ID_TRUST_DOMAIN_EMPTY', 9),
  )

  it.each([
    ['spiffe://@td/p', 9],
    ['spiffe://user@td/p', 13],
    ['spiffe://user:secret@td/p', 13],
    ['spiffe://:@td', 9],
  ])('ID-6: %j has user information', (text, offset) => refused(text, 'SPIFFE_ID_USERINFO', offset))

  it.each([
    ['spiffe://td:/p', 11],
    ['spiffe://td:8443/p', 11],
    ['spiffe://td:', 11],
    ['spiffe://:80/@', 9],
  ])('ID-7: %j has a port', (text, offset) => refused(text, 'SPIFFE_ID_PORT', offset))
})

describe('trust domains inside an ID', () => {
  it.each([
    ['spiffe://Example.org/a', 9],
    ['spiffe://example.orG', 19],
  ])('ID-8 ID-17: %j has an uppercase trust domain', (text, offset) =>
    refused(text, 'SPIFFE_ID_TRUST_DOMAIN_UPPERCASE', offset),
  )

  it.each(['SPIFFE://td/a', 'Spiffe://td/a', 'sPIFFE://td'])('ID-17: %j has an uppercase scheme', (text) =>
    refused(text, 'SPIFFE_ID_SCHEME_UPPERCASE', text.search(/[A-Z]/)),
  )

  it('ID-9 ID-11 ID-12: names of any shape are kept as they are', () => {
    const odd = [
      '.',
      '..',
      '-',
      '_',
      'td.',
      '.td',
      'td..x',
      '1.2.3.4',
      '0x7f.1',
      'a_b',
      'xn--a',
      'co.uk',
      'a'.repeat(64),
    ]
    for (const name of odd) expect(accepted(`spiffe://${name}/p`)).toEqual([name, '/p'])
  })

  it('ID-9: every byte but a-z 0-9 . - _ is refused where it stands', () => {
    for (let code = 0; code < 0x180; code += 1) {
      const character = String.fromCharCode(code)
      const text = `spiffe://a${character}b`
      expect(isSpiffeId(text), JSON.stringify(character)).toBe(/[a-z0-9._/-]/.test(character))
      if (!isSpiffeId(text)) expect(codeAndOffset(() => parseSpiffeId(text))[1]).toBe(10)
    }
  })

  it('ID-10: percent-encoding is refused, not decoded', () =>
    refused('spiffe://t%64/p', 'SPIFFE_ID_PERCENT_ENCODING', 10))

  it('ID-11: an IPv6 literal is no trust domain', () =>
    refused('spiffe://[::1]/p', 'SPIFFE_ID_TRUST_DOMAIN_CHARACTER', 9))
})

describe('paths', () => {
  it.each(['%2e', '%2F', '%', '%41'])('ID-13: %j is refused, not decoded', (encoded) =>
    refused(`spiffe://td/a${encoded}`, 'SPIFFE_ID_PERCENT_ENCODING', 13),
  )

  it.each([
    ['spiffe://td//', 12],
    ['spiffe://td//a', 12],
    ['spiffe://td/a//b', 14],
    ['spiffe://td/a//', 14],
  ])('ID-14: %j has an empty segment', (text, offset) => refused(text, 'SPIFFE_ID_EMPTY_SEGMENT', offset))

  it.each([
    ['spiffe://td/.', 12],
    ['spiffe://td/..', 12],
    ['spiffe://td/./a', 12],
    ['spiffe://td/a/../b', 14],
    ['spiffe://td/a/..', 14],
  ])('ID-14: %j has a dot segment', (text, offset) => refused(text, 'SPIFFE_ID_DOT_SEGMENT', offset))

  it('ID-14: three dots, .x and x. are ordinary segments', () => {
    expect(accepted('spiffe://td/.../.x/x./..x/....')).toEqual(['td', '/.../.x/x./..x/....'])
  })

  it.each([
    ['spiffe://td/', 11],
    ['spiffe://td/a/', 13],
    ['spiffe://td/a/b/', 15],
  ])('ID-15: %j ends with a slash', (text, offset) => refused(text, 'SPIFFE_ID_TRAILING_SLASH', offset))

  it('ID-16: every byte but a-z A-Z 0-9 . - _ is refused where it stands', () => {
    for (let code = 0; code < 0x180; code += 1) {
      const character = String.fromCharCode(code)
      const text = `spiffe://td/a${character}b`
      expect(isSpiffeId(text), JSON.stringify(character)).toBe(/[a-zA-Z0-9._/-]/.test(character))
      if (!isSpiffeId(text)) expect(codeAndOffset(() => parseSpiffeId(text))[1]).toBe(13)
    }
  })

  it.each("~!$&'()*+,;=:@".split(''))('ID-16: %j is a legal RFC 3986 pchar and is refused', (character) =>
    refused(`spiffe://td/a${character}`, 'SPIFFE_ID_PATH_CHARACTER', 13),
  )

  it('ID-17 ID-19: the case of the path is kept and counts', () => {
    const [upper, lower] = [parseSpiffeId('spiffe://td/A'), parseSpiffeId('spiffe://td/a')]
    expect(upper.path).toBe('/A')
    expect(upper.equals(lower)).toBe(false)
    expect(upper.equals(parseSpiffeId('spiffe://td/A'))).toBe(true)
  })
})

describe('Unicode and everything that new URL() would forgive', () => {
  it.each([
    ['the Kelvin sign', '\u212A', 'U+212A'],
    ['the long s', '\u017F', 'U+017F'],
    ['a lone high surrogate', '\uD800', 'U+D800'],
    ['a lone low surrogate', '\uDC00', 'U+DC00'],
    ['an emoji', '\u{1F600}', 'U+D83D'],
    ['a full-width letter', '\uFF41', 'U+FF41'],
    ['a full-width slash', '\uFF0F', 'U+FF0F'],
    ['NUL', '\0', '0x00'],
    ['a tab', '\t', '0x09'],
    ['a newline', '\n', '0x0A'],
    ['a space', ' ', '0x20'],
    ['DEL', '\u007F', '0x7F'],
    ['a backslash', '\\', '"\\" (0x5C)'],
  ])('ID-21: %s is refused in both parts and named safely', (_, character, found) => {
    expect(codeAndDetail(() => parseSpiffeId(`spiffe://t${character}d`))).toMatchObject({
      code: 'SPIFFE_ID_TRUST_DOMAIN_CHARACTER',
      offset: 10,
      found,
    })
    expect(codeAndDetail(() => parseSpiffeId(`spiffe://td/${character}`))).toMatchObject({
      code: 'SPIFFE_ID_PATH_CHARACTER',
      offset: 12,
      found,
    })
  })

  it('ID-21: a scheme written with U+017F folds to no "s"', () =>
    refused('\u017Fpiffe://td', 'SPIFFE_ID_SCHEME_INVALID', 0))

  it.each([
    'spiffe://td/a ',
    ' spiffe://td/a',
    'spi\nffe://td',
    'spiffe://td/a\n',
    'spiffe://td/\u00E9',
    'spiffe:\\\\td',
  ])('ID-22: %j is refused where WHATWG URL parsing would repair it', (text) => expect(isSpiffeId(text)).toBe(false))
})

describe('length', () => {
  const idOf = (bytes: number): string => 'spiffe://td/'.padEnd(bytes, 'a')

  it('ID-23 ID-26: 2048 bytes are accepted, 2049 are not', () => {
    expect(parseSpiffeId(idOf(2048)).toString()).toHaveLength(2048)
    expect(codeAndDetail(() => parseSpiffeId(idOf(2049)))).toEqual({
      code: 'SPIFFE_ID_TOO_LONG',
      expected: 'at most 2048 bytes',
      found: '2049',
      offset: 2048,
      limit: 2048,
    })
    expect(isSpiffeId(idOf(2049))).toBe(false)
  })

  it('ID-26: maxLength raises the limit, never below what ID-23 asks for', () => {
    expect(parseSpiffeId(idOf(70_012), { maxLength: 70_012 }).path).toHaveLength(70_012 - 11)
    expect(() => parseSpiffeId('spiffe://td', { maxLength: 2047 })).toThrow(RangeError)
    expect(() => parseSpiffeId('spiffe://td', { maxLength: Number.NaN })).toThrow(RangeError)
  })

  it('ID-25: a trust domain of 255 bytes is accepted, of 256 is not, whatever maxLength is', () => {
    expect(parseSpiffeId(`spiffe://${'a'.repeat(255)}/p`).trustDomain.name).toHaveLength(255)
    const long = `spiffe://${'a'.repeat(256)}/p`
    expect(codeAndDetail(() => parseSpiffeId(long, { maxLength: 4096 }))).toMatchObject({
      code: 'SPIFFE_ID_TRUST_DOMAIN_TOO_LONG',
      found: '256',
      limit: 255,
    })
    refused(`spiffe://${'a'.repeat(255)}%`, 'SPIFFE_ID_PERCENT_ENCODING', 264)
  })
})

describe('the value', () => {
  it('ID-29: is frozen, has no public constructor, and prints as itself', () => {
    const id = parseSpiffeId('spiffe://td/a')
    expect(Object.isFrozen(id)).toBe(true)
    expect(Object.isFrozen(id.segments)).toBe(true)
    expect(() => Reflect.construct(SpiffeId, ['spiffe://TD', 'spiffe://TD', 11])).toThrow(TypeError)
    expect(JSON.stringify({ id })).toBe('{"id":"spiffe://td/a"}')
    expect(String(id)).toBe('spiffe://td/a')
  })

  it('ID-19 ID-29: something that only looks like an ID is not equal to one', () => {
    const id = parseSpiffeId('spiffe://td/a')
    const lookalike: SpiffeId = Object.create(id)
    expect(id.equals(lookalike)).toBe(false)
  })

  it('a value that is no string is a bug of the caller, not a refusal', () => {
    for (const value of [undefined, null, 7, {}, ['spiffe://td']]) {
      expect(() => Reflect.apply(parseSpiffeId, undefined, [value])).toThrow(TypeError)
      expect(Reflect.apply(isSpiffeId, undefined, [value])).toBe(false)
    }
  })
})
