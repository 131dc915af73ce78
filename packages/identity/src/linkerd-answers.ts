import type { CsrErrorCode } from '@meshid/csr'
import { isDns1123Label } from '@meshid/spiffe-id'
import type { IdentityError, IdentityErrorDetail } from './errors.ts'
import type { StatusAnswers } from './status-of.ts'

const itsMessage = (error: IdentityError): string => error.message
const itsReason = ({ detail, message }: IdentityError): string => detail.reason ?? message

/** Rows 4a to 4f: what Linkerd says about the names in a CSR. */
const csrMismatches: Partial<Record<CsrErrorCode, (detail: IdentityErrorDetail) => string>> = {
  CSR_DNS_NAME_COUNT: () => 'CSR must have exactly one DNSName',
  CSR_DNS_NAME_MISMATCH: ({ found, requested }) =>
    `CSR name does not match requested identity: csr=${found}; req=${requested}`,
  CSR_COMMON_NAME_MISMATCH: ({ found }) => `invalid CommonName: ${found}`,
  CSR_EMAIL_ADDRESS_PRESENT: () => 'cannot validate email addresses',
  CSR_IP_ADDRESS_PRESENT: () => 'cannot validate IP addresses',
  CSR_URI_PRESENT: () => 'cannot validate URIs',
}

/** How the profiles with Linkerd's answers differ from Linkerd's on purpose. */
export interface LinkerdAnswerOptions {
  /**
   * The status for an issuer that is not valid now. `unavailable` (the default) tells a client to try again later;
   * `unknown` is what Linkerd sends, by an oversight (Q6). The message is Linkerd's in both.
   */
  readonly issuerInvalidStatus?: 'unavailable' | 'unknown' | undefined
}

/** The answers for these options; @throws RangeError for an issuerInvalidStatus that is none. */
export function linkerdAnswersOf({ issuerInvalidStatus = 'unavailable' }: LinkerdAnswerOptions = {}): StatusAnswers {
  if (issuerInvalidStatus === 'unavailable') return linkerdAnswers
  if (issuerInvalidStatus === 'unknown') return linkerdAnswersWithUnknown
  throw new RangeError(`issuerInvalidStatus: expected 'unavailable' or 'unknown', found ${String(issuerInvalidStatus)}`)
}

/**
 * Linkerd's statuses and messages, word for word; what Linkerd does not know (a CSR that proves nothing, a name that is
 * none, too many reviews) has a status in gRPC's own sense with a message of ours.
 *
 * @see linkerd2 `pkg/identity/service.go` Certify, `controller/identity/validator.go`
 */
const linkerdAnswers: StatusAnswers = Object.freeze({
  IDENTITY_ISSUER_NOT_READY: { status: 'UNAVAILABLE', message: 'cert issuer not ready yet' },
  IDENTITY_MISSING_IDENTITY: { status: 'INVALID_ARGUMENT', message: 'missing identity' },
  IDENTITY_MISSING_TOKEN: { status: 'INVALID_ARGUMENT', message: 'missing token' },
  IDENTITY_MISSING_CSR: { status: 'INVALID_ARGUMENT', message: 'missing certificate signing request' },
  IDENTITY_NAME_INVALID: { status: 'INVALID_ARGUMENT', message: itsMessage },
  IDENTITY_CSR_INVALID: { status: 'INVALID_ARGUMENT', message: itsMessage },
  IDENTITY_CSR_UNPROVEN: { status: 'INVALID_ARGUMENT', message: itsMessage },
  IDENTITY_CSR_KEY_UNSUPPORTED: { status: 'INVALID_ARGUMENT', message: itsMessage },
  IDENTITY_ISSUER_INVALID: { status: 'UNAVAILABLE', message: issuerInvalid },
  IDENTITY_CSR_MISMATCH: { status: 'FAILED_PRECONDITION', message: csrMismatch },
  IDENTITY_TOKEN_INVALID: { status: 'INVALID_ARGUMENT', message: itsMessage },
  IDENTITY_TOKEN_REJECTED: { status: 'INVALID_ARGUMENT', message: itsReason },
  IDENTITY_TOKEN_UNAUTHENTICATED: {
    status: 'FAILED_PRECONDITION',
    message: 'authentication token could not be authenticated',
  },
  IDENTITY_ACCOUNT_UNSUPPORTED: { status: 'INVALID_ARGUMENT', message: accountUnsupported },
  IDENTITY_REVIEW_FAILED: {
    status: 'INTERNAL',
    message: ({ detail }) => `error validating token for ${detail.requested}: ${detail.reason}`,
  },
  IDENTITY_OVERLOADED: { status: 'RESOURCE_EXHAUSTED', message: itsMessage },
  IDENTITY_MISMATCH: {
    status: 'FAILED_PRECONDITION',
    message: ({ detail }) =>
      `requested identity did not match provided token: requested=${detail.requested}; found=${detail.found}`,
  },
  IDENTITY_SIGNING_FAILED: { status: 'INTERNAL', message: itsMessage },
  IDENTITY_INTERNAL: { status: 'INTERNAL', message: 'internal error' },
})

const linkerdAnswersWithUnknown: StatusAnswers = Object.freeze({
  ...linkerdAnswers,
  IDENTITY_ISSUER_INVALID: { status: 'UNKNOWN', message: issuerInvalid },
})

function csrMismatch({ detail, message }: IdentityError): string {
  const known = Object.entries(csrMismatches).find(([code]) => code === detail.causeCode)
  return known?.[1](detail) ?? message
}

/** Row 3: the text of Go's x509 for a certificate out of its time, and Linkerd's suffix. */
function issuerInvalid({ detail, message }: IdentityError): string {
  const { now, notBefore, notAfter } = detail
  if (now === undefined || notBefore === undefined || notAfter === undefined) return message
  const when = now < notBefore ? `is before ${toSeconds(notBefore)}` : `is after ${toSeconds(notAfter)}`
  return (
    `x509: certificate has expired or is not yet valid: current time ${toSeconds(now)} ${when}` +
    ` - Current Time : ${goTime(now)} - Invalid before ${goTime(notBefore)} - Invalid After ${goTime(notAfter)}`
  )
}

const toSeconds = (iso: string): string => iso.replace(/\.\d+Z$/, 'Z')
const goTime = (iso: string): string => toSeconds(iso).replace('T', ' ').replace('Z', ' +0000 UTC')

/** What Linkerd's validator says about a user name. */
function accountUnsupported({ detail, message }: IdentityError): string {
  const { username } = detail
  if (username === undefined) return message
  const parts = username.split(':')
  if (parts.length !== 4 || parts[0] !== 'system') {
    return `Username must be in form system:TYPE:NS:SA: ${username}`
  }
  const notALabel = parts.slice(1).find((part) => !isDns1123Label(part))
  return notALabel === undefined ? message : `Not a label: ${notALabel}`
}
