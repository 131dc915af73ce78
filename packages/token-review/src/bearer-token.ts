import { TokenReviewError } from './errors.ts'

/** The longest token that is sent on, in bytes: service account tokens have about 1 KiB, and HTTP servers stop at 8 to 16 KiB of headers. */
export const MAX_TOKEN_BYTES = 16_384

/**
 * Checks that bytes or text can be a bearer token at all, and gives its text.
 *
 * Nothing is verified: the token may be forged or expired.
 *
 * @throws TokenReviewError TOKEN_REVIEW_TOKEN_INVALID
 * @see RFC 6750 section 2.1
 */
export function parseBearerToken(token: string | Uint8Array): string {
  if (token.length === 0) throw invalid('a token', 'nothing')
  if (token.length > MAX_TOKEN_BYTES) {
    throw invalid(`at most ${MAX_TOKEN_BYTES} bytes`, `${token.length} bytes`, MAX_TOKEN_BYTES)
  }
  for (let offset = 0; offset < token.length; offset += 1) {
    const code = typeof token === 'string' ? token.charCodeAt(offset) : (token[offset] ?? 0)
    if (code <= 0x20 || code >= 0x7f) {
      throw invalid('printable ASCII without spaces', `0x${code.toString(16).padStart(2, '0')} at offset ${offset}`)
    }
  }
  return typeof token === 'string' ? token : new TextDecoder().decode(token)
}

function invalid(expected: string, found: string, limit?: number): TokenReviewError {
  return new TokenReviewError('TOKEN_REVIEW_TOKEN_INVALID', `bearer token: expected ${expected}, found ${found}`, {
    detail: { expected, found, ...(limit === undefined ? {} : { limit }) },
  })
}
