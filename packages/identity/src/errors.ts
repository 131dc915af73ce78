/** What each code means and what to do next; `docs/errors.md` is generated from this table. */
export const identityErrorCodes = {
  // The server
  IDENTITY_ISSUER_NOT_READY: 'No issuer has been accepted yet, so nothing can be signed; load one, or wait.',
  IDENTITY_ISSUER_INVALID:
    'The issuer or a certificate above it is expired, not yet valid or about to expire; replace it. The request was not at fault.',
  IDENTITY_REVIEW_FAILED:
    'The token could not be put before its authority, so nothing is known about it; see the cause, and try again later.',
  IDENTITY_OVERLOADED:
    'Too many requests wait for a review or a thread, or this account asks too often; try again after detail.retryAfterMs.',
  IDENTITY_SIGNING_FAILED: 'The issuer did not sign; see the cause.',
  IDENTITY_INTERNAL: 'Something failed that nobody foresaw; see the cause. Its text is never sent to the caller.',

  // The request, before anybody is asked
  IDENTITY_MISSING_IDENTITY: 'The request names no identity; send the name to be certified for.',
  IDENTITY_MISSING_TOKEN: 'The request holds no token; send the bytes of the service account token file.',
  IDENTITY_MISSING_CSR: 'The request holds no certificate signing request; send one as DER.',
  IDENTITY_NAME_INVALID: 'The requested identity is not a name of the form that this profile gives; correct it.',
  IDENTITY_CSR_INVALID:
    'The signing request is not strict DER of a PKCS#10 request, or is too large; detail.causeCode says why.',
  IDENTITY_CSR_UNPROVEN:
    'The signature of the signing request does not verify, so nothing shows that the caller holds the private key; sign it again.',
  IDENTITY_CSR_KEY_UNSUPPORTED: 'The key or signature algorithm of the signing request is not accepted; use P-256.',
  IDENTITY_CSR_MISMATCH:
    'The names in the signing request are not exactly the requested identity; detail.causeCode says how.',

  // Who asks
  IDENTITY_TOKEN_INVALID: 'The bytes cannot be a bearer token, so nobody was asked; send the token file as it is.',
  IDENTITY_TOKEN_REJECTED: 'The authority refused the token; detail.reason has its words. Get a fresh token.',
  IDENTITY_TOKEN_UNAUTHENTICATED:
    'The authority did not vouch for the token, or not for the audience that counts here; get a fresh token of that audience.',
  IDENTITY_ACCOUNT_UNSUPPORTED:
    'The token belongs to somebody whom this profile has no name for: no service account, or one whose name does not fit into a Linkerd name (Q28).',
  IDENTITY_MISMATCH: 'The requested identity is not the one of the token; ask for your own name.',
} as const

/** The stable codes of {@link IdentityError}. */
export type IdentityErrorCode = keyof typeof identityErrorCodes

/** Facts that are safe to log and to send: never a token, a key or a raw request. */
export interface IdentityErrorDetail {
  /** The requested identity, in printable ASCII and shortened. */
  readonly requested?: string | undefined
  readonly expected?: string | undefined
  readonly found?: string | undefined
  /** The code of the error below, such as `CSR_DNS_NAME_COUNT`. */
  readonly causeCode?: string | undefined
  /** The words of the token's authority, made safe. */
  readonly reason?: string | undefined
  /** The user name of the token, in printable ASCII and shortened. */
  readonly username?: string | undefined
  /** How long to wait before the next attempt. */
  readonly retryAfterMs?: number | undefined
  /** When the issuer was found invalid, and its own validity; ISO 8601. */
  readonly now?: string | undefined
  readonly notBefore?: string | undefined
  readonly notAfter?: string | undefined
}

/** Says why a certify request was refused; `code` is stable, message and `detail` are safe to log. */
export class IdentityError extends Error {
  override readonly name = 'IdentityError'
  readonly code: IdentityErrorCode
  readonly detail: IdentityErrorDetail

  constructor(
    code: IdentityErrorCode,
    message: string,
    options: { readonly detail?: IdentityErrorDetail; readonly cause?: unknown } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.detail = Object.freeze({ ...options.detail })
  }
}
