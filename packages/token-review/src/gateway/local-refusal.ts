import { type PreCheckReason, TokenReviewError } from '../errors.ts'
import { safeText } from '../safe-text.ts'

/** The words of the API server where it has words for it, so that nobody need tell a refusal here from one there. */
const words: Readonly<Record<PreCheckReason, string>> = {
  'no-jwt': 'token lookup failed',
  signature: 'the signature is not by the key that the token names',
  'unknown-key': 'the token names a key that is not published',
  expired: 'service account token has expired',
  'not-yet-valid': 'service account token is not valid yet',
  audience: 'token audiences is invalid for the target audiences',
}

/** A refusal that is decided here: the code of a review, and `detail.preCheck`. */
export function localRefusal(preCheck: PreCheckReason, text: string = words[preCheck]): TokenReviewError {
  const code = preCheck === 'audience' ? 'TOKEN_REVIEW_WRONG_AUDIENCE' : 'TOKEN_REVIEW_REJECTED'
  const reason = `[invalid bearer token, ${safeText(text)}]`
  const message = `token: expected to be accepted, found ${reason} (by the published keys, without a review)`
  return new TokenReviewError(code, message, { detail: { reason, preCheck } })
}
