import { TokenReviewError, type TokenReviewErrorCode } from './errors.ts'
import { type JsonRecord, readBoolean, readString, readStrings } from './json-fields.ts'
import { safeText } from './safe-text.ts'

const verdicts: ReadonlySet<TokenReviewErrorCode> = new Set([
  'TOKEN_REVIEW_REJECTED',
  'TOKEN_REVIEW_UNAUTHENTICATED',
  'TOKEN_REVIEW_WRONG_AUDIENCE',
  'TOKEN_REVIEW_USERNAME_INVALID',
])

/** Whether a code says something about the token that was asked about, and not about us, the way or the server. */
export function isVerdict(code: TokenReviewErrorCode): boolean {
  return verdicts.has(code)
}

/**
 * Checks that the authority accepted the token.
 *
 * @throws TokenReviewError TOKEN_REVIEW_REJECTED, TOKEN_REVIEW_WRONG_AUDIENCE, TOKEN_REVIEW_UNAUTHENTICATED
 */
export function checkVerdict(status: JsonRecord, token: string): void {
  const error = readString(status['error'], 'status.error')
  if (error !== undefined) {
    const reason = safeText(error, token)
    throw new TokenReviewError(refusalCode(reason), `token: expected to be accepted, found ${reason}`, {
      detail: { reason },
    })
  }
  if (!readBoolean(status['authenticated'], 'status.authenticated')) {
    throw new TokenReviewError(
      'TOKEN_REVIEW_UNAUTHENTICATED',
      'token: expected to be authenticated, found that it was not',
    )
  }
}

/** The API has no field for this reason, so its words decide, but only between two ways to refuse. */
function refusalCode(reason: string): 'TOKEN_REVIEW_WRONG_AUDIENCE' | 'TOKEN_REVIEW_REJECTED' {
  return reason.includes('is invalid for the target audiences')
    ? 'TOKEN_REVIEW_WRONG_AUDIENCE'
    : 'TOKEN_REVIEW_REJECTED'
}

/** Whether Linkerd would ask again without an audience, by the words that it looks for (Q26). */
export function mentionsAudiences(status: JsonRecord): boolean {
  return readString(status['error'], 'status.error')?.includes('token audiences') ?? false
}

/**
 * Finds the audiences that were asked for and that the authority confirms (Q25).
 *
 * @throws TokenReviewError TOKEN_REVIEW_AUDIENCE_UNPROVEN, TOKEN_REVIEW_WRONG_AUDIENCE
 */
export function provenAudiences(
  status: JsonRecord,
  {
    audiences,
    unawareAuthenticator,
  }: { readonly audiences: readonly string[]; readonly unawareAuthenticator: 'refuse' | 'accept' },
): readonly string[] {
  const answered = readStrings(status['audiences'], 'status.audiences')
  const proven = Object.freeze(audiences.filter((audience) => answered.includes(audience)))
  if (proven.length > 0) return proven
  if (answered.length === 0 && unawareAuthenticator === 'accept') return proven
  const expected = audiences.join(', ')
  const found = answered.length === 0 ? 'none' : safeText(answered.join(', '))
  const code = answered.length === 0 ? 'TOKEN_REVIEW_AUDIENCE_UNPROVEN' : 'TOKEN_REVIEW_WRONG_AUDIENCE'
  throw new TokenReviewError(code, `audiences of the token: expected ${expected}, found ${found}`, {
    detail: { expected, found },
  })
}
