import { MAX_TOKEN_BYTES, parseBearerToken, TokenReviewError } from '@meshid/token-review'
import { describe, expect, it } from 'vitest'

describe('parseBearerToken', () => {
  it('gives the text of a token, from text and from bytes, up to the limit', () => {
    expect(parseBearerToken('abc.DEF-_~+/=!')).toBe('abc.DEF-_~+/=!')
    expect(parseBearerToken(new TextEncoder().encode('abc.def'))).toBe('abc.def')
    const longest = 'a'.repeat(MAX_TOKEN_BYTES)
    expect(parseBearerToken(longest)).toBe(longest)
  })

  it.each([
    ['nothing', '', 'nothing'],
    ['too much', 'a'.repeat(MAX_TOKEN_BYTES + 1), '16385 bytes'],
    ['a final newline', 'abc\n', '0x0a at offset 3'],
    ['a space', 'a b', '0x20 at offset 1'],
    ['a NUL', '\0', '0x00 at offset 0'],
    ['DEL', 'a\x7f', '0x7f at offset 1'],
    ['a letter beyond ASCII', 'aé', '0xe9 at offset 1'],
    ['a byte order mark', '\ufeffabc', '0xfeff at offset 0'],
  ])('refuses %s, from text and from bytes, and says where', (_, token, found) => {
    for (const form of [token, new TextEncoder().encode(token)]) {
      expect(() => parseBearerToken(form)).toThrow(expect.objectContaining({ code: 'TOKEN_REVIEW_TOKEN_INVALID' }))
    }
    expect(() => parseBearerToken(token)).toThrow(TokenReviewError)
    expect(() => parseBearerToken(token)).toThrow(`found ${found}`)
  })

  it('tells the limit, and never the token', () => {
    try {
      parseBearerToken('secret'.repeat(4000))
      expect.unreachable()
    } catch (error) {
      expect(error).toMatchObject({ detail: { limit: MAX_TOKEN_BYTES } })
      expect(JSON.stringify(error) + String(error)).not.toContain('secret')
    }
  })
})
