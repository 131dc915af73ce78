import { CertificateError, type CertificateErrorCode } from '@meshid/certificate'
import { CsrError, type CsrErrorCode } from '@meshid/csr'
import { KeysError } from '@meshid/keys'
import { TokenReviewError, type TokenReviewErrorCode } from '@meshid/token-review'
import { IdentityError, type IdentityErrorCode } from './errors.ts'
import type { CertifyStep } from './observer.ts'
import { MAX_SAFE_MESSAGE_LENGTH, safeText } from './safe-text.ts'

const csrRefusals = {
  CSR_TOO_LARGE: 'IDENTITY_CSR_INVALID',
  CSR_PEM_INVALID: 'IDENTITY_CSR_INVALID',
  CSR_MALFORMED: 'IDENTITY_CSR_INVALID',
  CSR_VERSION_UNSUPPORTED: 'IDENTITY_CSR_INVALID',
  CSR_SUBJECT_INVALID: 'IDENTITY_CSR_INVALID',
  CSR_NAME_INVALID: 'IDENTITY_CSR_INVALID',
  CSR_PUBLIC_KEY_INVALID: 'IDENTITY_CSR_INVALID',
  CSR_DUPLICATE_EXTENSION_REQUEST: 'IDENTITY_CSR_INVALID',
  CSR_DUPLICATE_EXTENSION: 'IDENTITY_CSR_INVALID',
  CSR_TOO_MANY_EXTENSIONS: 'IDENTITY_CSR_INVALID',
  CSR_UNSUPPORTED_KEY: 'IDENTITY_CSR_KEY_UNSUPPORTED',
  CSR_UNSUPPORTED_SIGNATURE_ALGORITHM: 'IDENTITY_CSR_KEY_UNSUPPORTED',
  CSR_SIGNATURE_ALGORITHM_MISMATCH: 'IDENTITY_CSR_UNPROVEN',
  CSR_SIGNATURE_INVALID: 'IDENTITY_CSR_UNPROVEN',
  CSR_DNS_NAME_COUNT: 'IDENTITY_CSR_MISMATCH',
  CSR_DNS_NAME_MISMATCH: 'IDENTITY_CSR_MISMATCH',
  CSR_COMMON_NAME_MISMATCH: 'IDENTITY_CSR_MISMATCH',
  CSR_EMAIL_ADDRESS_PRESENT: 'IDENTITY_CSR_MISMATCH',
  CSR_EMAIL_ADDRESS_MISMATCH: 'IDENTITY_CSR_MISMATCH',
  CSR_IP_ADDRESS_PRESENT: 'IDENTITY_CSR_MISMATCH',
  CSR_IP_ADDRESS_MISMATCH: 'IDENTITY_CSR_MISMATCH',
  CSR_URI_PRESENT: 'IDENTITY_CSR_MISMATCH',
  CSR_URI_MISMATCH: 'IDENTITY_CSR_MISMATCH',
  CSR_OTHER_NAME_PRESENT: 'IDENTITY_CSR_MISMATCH',
} as const satisfies Record<CsrErrorCode, IdentityErrorCode>

const reviewRefusals = {
  TOKEN_REVIEW_TOKEN_INVALID: 'IDENTITY_TOKEN_INVALID',
  TOKEN_REVIEW_REJECTED: 'IDENTITY_TOKEN_REJECTED',
  TOKEN_REVIEW_WRONG_AUDIENCE: 'IDENTITY_TOKEN_REJECTED',
  TOKEN_REVIEW_AUDIENCE_UNPROVEN: 'IDENTITY_TOKEN_UNAUTHENTICATED',
  TOKEN_REVIEW_UNAUTHENTICATED: 'IDENTITY_TOKEN_UNAUTHENTICATED',
  TOKEN_REVIEW_USERNAME_INVALID: 'IDENTITY_ACCOUNT_UNSUPPORTED',
  TOKEN_REVIEW_CALLER_UNAUTHENTICATED: 'IDENTITY_REVIEW_FAILED',
  TOKEN_REVIEW_FORBIDDEN: 'IDENTITY_REVIEW_FAILED',
  TOKEN_REVIEW_CREDENTIALS_UNREADABLE: 'IDENTITY_REVIEW_FAILED',
  TOKEN_REVIEW_NOT_IN_CLUSTER: 'IDENTITY_REVIEW_FAILED',
  TOKEN_REVIEW_UNREACHABLE: 'IDENTITY_REVIEW_FAILED',
  TOKEN_REVIEW_TIMEOUT: 'IDENTITY_REVIEW_FAILED',
  TOKEN_REVIEW_UNAVAILABLE: 'IDENTITY_REVIEW_FAILED',
  TOKEN_REVIEW_RESPONSE_INVALID: 'IDENTITY_REVIEW_FAILED',
  TOKEN_REVIEW_QUEUE_FULL: 'IDENTITY_OVERLOADED',
  TOKEN_REVIEW_RATE_LIMITED: 'IDENTITY_OVERLOADED',
} as const satisfies Record<TokenReviewErrorCode, IdentityErrorCode>

/** The refusals to issue that are about the issuer's time; any other is a failed signature. */
const issuerInvalid: ReadonlySet<CertificateErrorCode> = new Set([
  'CERT_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_ANCHOR_EXPIRED',
  'CERT_ANCHOR_NOT_YET_VALID',
  'CERT_ISSUER_EXPIRING',
])

/** A step fails in its own way, whatever was thrown: a reviewer or a signer may have errors of its own. */
const unforeseen = {
  request: 'IDENTITY_INTERNAL',
  csr: 'IDENTITY_INTERNAL',
  review: 'IDENTITY_REVIEW_FAILED',
  match: 'IDENTITY_INTERNAL',
  issue: 'IDENTITY_SIGNING_FAILED',
} as const satisfies Record<CertifyStep, IdentityErrorCode>

/** Where a request was when something was thrown. */
export interface RefusalPlace {
  readonly step: CertifyStep
  /** The requested identity, safe to log. */
  readonly identity: string
}

/** Says what anything that is thrown during a certify request means for its caller. */
export function refusalOf(error: unknown, { step, identity: requested }: RefusalPlace): IdentityError {
  if (error instanceof IdentityError) return error
  if (error instanceof CsrError) return csrRefusal(error, requested)
  if (error instanceof TokenReviewError) return reviewRefusal(error, requested)
  if (error instanceof CertificateError) return issuerRefusal(error, requested)
  if (error instanceof KeysError && error.code === 'KEYS_QUEUE_FULL') return queueRefusal(error, requested)
  const message = `${step}: failed in a way that nobody foresaw`
  return new IdentityError(unforeseen[step], message, { detail: { requested, reason: 'unknown' }, cause: error })
}

/** A CSR holds text of a stranger's choice, so nothing of it is passed on as it is. */
function csrRefusal(cause: CsrError, requested: string): IdentityError {
  const { code: causeCode, detail: facts } = cause
  const found = facts.found === undefined ? {} : { found: safeText(facts.found) }
  const message = safeText(cause.message, MAX_SAFE_MESSAGE_LENGTH)
  return new IdentityError(csrRefusals[causeCode], message, { detail: { requested, causeCode, ...found }, cause })
}

function reviewRefusal(cause: TokenReviewError, requested: string): IdentityError {
  const { reason = cause.message, found, retryAfterMs } = cause.detail
  const username = cause.code === 'TOKEN_REVIEW_USERNAME_INVALID' ? { username: found } : {}
  const retry = retryAfterMs === undefined ? {} : { retryAfterMs }
  const detail = { requested, causeCode: cause.code, reason, ...username, ...retry }
  return new IdentityError(reviewRefusals[cause.code], cause.message, { detail, cause })
}

/** When to ask again who found all threads busy: until then most of a full queue is verified. */
const QUEUE_RETRY_AFTER_MS = 2000

function queueRefusal(cause: KeysError, requested: string): IdentityError {
  const detail = { requested, causeCode: cause.code, retryAfterMs: QUEUE_RETRY_AFTER_MS }
  return new IdentityError('IDENTITY_OVERLOADED', cause.message, { detail, cause })
}

function issuerRefusal(cause: CertificateError, requested: string): IdentityError {
  const code = issuerInvalid.has(cause.code) ? 'IDENTITY_ISSUER_INVALID' : 'IDENTITY_SIGNING_FAILED'
  return new IdentityError(code, cause.message, { detail: { requested, causeCode: cause.code }, cause })
}
