/** What each code of {@link TokenReviewError} means and what to do next; docs/errors.md is generated from this table. */
export const tokenReviewErrorCodes = {
  // The token that was presented
  TOKEN_REVIEW_TOKEN_INVALID:
    'The bytes cannot be a bearer token (empty, too long, or not printable ASCII), so nobody was asked; send the token file as it is.',
  TOKEN_REVIEW_REJECTED:
    'The authority refused the token; detail.reason is its reason. Ask for a fresh token and try again.',
  TOKEN_REVIEW_WRONG_AUDIENCE:
    'The token was made for another audience; project a service account token with the audience that is expected here.',
  TOKEN_REVIEW_AUDIENCE_UNPROVEN:
    'The authority accepted the token without saying for which audience; use one that knows audiences, or accept it knowingly with unawareAuthenticator.',
  TOKEN_REVIEW_UNAUTHENTICATED:
    'The authority did not authenticate the token and gave no reason; ask for a fresh token.',
  TOKEN_REVIEW_USERNAME_INVALID:
    'The token belongs to somebody who is not a service account; present the token of a service account.',

  // This process and its rights
  TOKEN_REVIEW_CALLER_UNAUTHENTICATED:
    'The API server does not accept the token of this process (401); check its token file, its service account and the clock.',
  TOKEN_REVIEW_FORBIDDEN:
    'This process may not create token reviews (403); bind its service account to a role with create on tokenreviews.authentication.k8s.io.',
  TOKEN_REVIEW_CREDENTIALS_UNREADABLE:
    'The token file or the CA file of this process is missing, empty or malformed; check the service account mount.',
  TOKEN_REVIEW_NOT_IN_CLUSTER:
    'The variables that Kubernetes sets in every pod are missing or malformed; run in a pod, or give host and port yourself.',

  // The way there and back
  TOKEN_REVIEW_UNREACHABLE:
    'The API server could not be reached, or the connection broke before its answer was whole; the cause says why. Try again later.',
  TOKEN_REVIEW_TIMEOUT: 'The API server did not answer within the deadline; try again later.',
  TOKEN_REVIEW_UNAVAILABLE:
    'The API server is overloaded or failing (429 or 5xx); try again after detail.retryAfterMs where it is given.',
  TOKEN_REVIEW_RESPONSE_INVALID:
    'The answer is not what the API promises (status, size, JSON or fields); check that the address is that of a Kubernetes API server.',

  // The limits of this process
  TOKEN_REVIEW_QUEUE_FULL:
    'Too many reviews of this process wait their turn, so this one was not begun; try again after detail.retryAfterMs.',
  TOKEN_REVIEW_RATE_LIMITED:
    'This account, or this token, is reviewed too often; nobody was asked. Try again after detail.retryAfterMs.',
} as const

/** The stable codes of {@link TokenReviewError}. */
export type TokenReviewErrorCode = keyof typeof tokenReviewErrorCodes

/** Why a token is hopeless, as a look at it and at the published keys shows. */
export type PreCheckReason = 'no-jwt' | 'signature' | 'unknown-key' | 'expired' | 'not-yet-valid' | 'audience'

/** Facts that are safe to log: never a token, never the answer itself. */
export interface TokenReviewErrorDetail {
  readonly expected?: string
  readonly found?: string
  /** The limit that was passed: bytes of a token or answer, milliseconds of a deadline. */
  readonly limit?: number
  /** The authority's own words, in printable ASCII, shortened, with everything that looks like a token taken out. */
  readonly reason?: string
  /** The HTTP status of the answer. */
  readonly status?: number
  /** How long to wait before the next attempt, as the server or the limit of this process says. */
  readonly retryAfterMs?: number
  /** The place in the answer that is wrong, such as `status.user.username`. */
  readonly field?: string
  /** Present when the token was refused here, by the keys that the authority publishes, without asking it: why. */
  readonly preCheck?: PreCheckReason
}

/** Says why nobody could be named for a token, or why nobody could be asked; `code` is stable, `detail` is safe to log. */
export class TokenReviewError extends Error {
  override readonly name = 'TokenReviewError'
  readonly code: TokenReviewErrorCode
  readonly detail: TokenReviewErrorDetail

  constructor(
    code: TokenReviewErrorCode,
    message: string,
    options: { readonly detail?: TokenReviewErrorDetail; readonly cause?: unknown } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.detail = Object.freeze({ ...options.detail })
  }
}
