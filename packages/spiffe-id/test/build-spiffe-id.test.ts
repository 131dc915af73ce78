import { parseTrustDomain, spiffeId, spiffeIdFromSegments } from '@meshid/spiffe-id'
import { describe, expect, it } from 'vitest'
import { codeAndDetail, codeAndOffset } from './refusal.ts'

const td = parseTrustDomain('example.org')

const badSegments = [
  ['', 'SPIFFE_ID_EMPTY_SEGMENT', 0],
  ['.', 'SPIFFE_ID_DOT_SEGMENT', 0],
  ['..', 'SPIFFE_ID_DOT_SEGMENT', 0],
  ['x/../admin', 'SPIFFE_ID_SEGMENT_SEPARATOR', 1],
  ['x/y', 'SPIFFE_ID_SEGMENT_SEPARATOR', 1],
  ['/', 'SPIFFE_ID_SEGMENT_SEPARATOR', 0],
  ['a%2Fb', 'SPIFFE_ID_PERCENT_ENCODING', 1],
  ['a?', 'SPIFFE_ID_PATH_CHARACTER', 1],
  ['a\n', 'SPIFFE_ID_PATH_CHARACTER', 1],
  ['\u212A', 'SPIFFE_ID_PATH_CHARACTER', 0],
  ['\uDC00', 'SPIFFE_ID_PATH_CHARACTER', 0],
] as const

describe('spiffeIdFromSegments', () => {
  it('ID-27: joins segments, and gives the bare trust domain without any', () => {
    expect(spiffeIdFromSegments(td, 'ns', 'a', '...', 'B_c').toString()).toBe('spiffe://example.org/ns/a/.../B_c')
    expect(spiffeIdFromSegments(td).toString()).toBe('spiffe://example.org')
  })

  it.each(badSegments)('ID-27: refuses the segment %j with %s', (segment, code, offset) =>
    expect(codeAndDetail(() => spiffeIdFromSegments(td, 'ns', segment))).toMatchObject({ code, offset, index: 1 }),
  )

  it('ID-24: builds no ID over 2048 bytes', () => {
    const longest = 'a'.repeat(2048 - 'spiffe://example.org/'.length)
    expect(spiffeIdFromSegments(td, longest).toString()).toHaveLength(2048)
    expect(codeAndOffset(() => spiffeIdFromSegments(td, `${longest}a`))).toEqual(['SPIFFE_ID_TOO_LONG', 2048])
  })
})

describe('spiffeId', () => {
  it('ID-28: builds from a template', () => {
    expect(spiffeId(td)`/ns/${'default'}/sa/${'web'}`.toString()).toBe('spiffe://example.org/ns/default/sa/web')
    expect(spiffeId(td)`/${'a'}/b`.toString()).toBe('spiffe://example.org/a/b')
    expect(spiffeId(td)``.toString()).toBe('spiffe://example.org')
  })

  it.each(badSegments)('ID-28: %j cannot be injected (%s)', (value, code, offset) =>
    expect(codeAndDetail(() => spiffeId(td)`/ns/${value}/sa/x`)).toMatchObject({ code, offset, index: 0 }),
  )

  it('ID-28: what the template itself says is checked after interpolation', () => {
    expect(codeAndOffset(() => spiffeId(td)`/a/`)).toEqual(['SPIFFE_ID_TRAILING_SLASH', 22])
    expect(codeAndOffset(() => spiffeId(td)`/${'a'}/../b`)).toEqual(['SPIFFE_ID_DOT_SEGMENT', 23])
    expect(codeAndOffset(() => spiffeId(td)`/\x2e\x2e`)).toEqual(['SPIFFE_ID_PATH_CHARACTER', 21])
    expect(codeAndOffset(() => spiffeId(td)`/a?/${'q'}`)).toEqual(['SPIFFE_ID_QUERY', 22])
  })

  it('ID-28: a template cannot lengthen the trust domain', () => {
    expect(() => spiffeId(td)`.evil.org`).toThrow(TypeError)
    expect(() => spiffeId(td)`.evil.org/${'a'}`).toThrow(TypeError)
  })

  it('ID-28: a value that is not a whole segment is a bug of the caller', () => {
    expect(() => spiffeId(td)`${'evil'}`).toThrow(TypeError)
    expect(() => spiffeId(td)`/v${'1'}`).toThrow(TypeError)
    expect(() => spiffeId(td)`/${'a'}${'b'}`).toThrow(TypeError)
    expect(() => spiffeId(td)`/${'a'}b`).toThrow(TypeError)
    expect(() => Reflect.apply(spiffeId(td), undefined, [{ raw: ['/', ''] }, 7])).toThrow(TypeError)
  })

  it('ID-24: builds no ID over 2048 bytes', () =>
    expect(codeAndOffset(() => spiffeId(td)`/${'a'.repeat(2048)}`)[0]).toBe('SPIFFE_ID_TOO_LONG'))
})
