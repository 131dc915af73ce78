/** Every code of a {@link SpiffeIdError}, with what it means and what to do next. */
export const spiffeIdErrorCodes = {
  SPIFFE_ID_TOO_LONG:
    'The SPIFFE ID is over the length limit; shorten its path, or raise maxLength where the ID is only read.',
  SPIFFE_ID_SCHEME_INVALID:
    'The text does not begin with "spiffe://"; pass a whole SPIFFE ID, not a bare name or another URI.',
  SPIFFE_ID_SCHEME_UPPERCASE:
    'The scheme has uppercase letters; write "spiffe://", or call normalizeSpiffeId if the sender cannot change.',
  SPIFFE_ID_TRUST_DOMAIN_EMPTY: 'The trust domain is missing; write its name after "spiffe://".',
  SPIFFE_ID_TRUST_DOMAIN_TOO_LONG: 'The trust domain is over 255 bytes; use a shorter name.',
  SPIFFE_ID_TRUST_DOMAIN_UPPERCASE:
    'The trust domain has uppercase letters; write it in lowercase, or call normalizeSpiffeId if the sender cannot change.',
  SPIFFE_ID_TRUST_DOMAIN_CHARACTER: 'The trust domain has a byte other than a-z, 0-9, ".", "-" and "_"; remove it.',
  SPIFFE_ID_USERINFO: 'A SPIFFE ID has no user information; remove everything up to and including the "@".',
  SPIFFE_ID_PORT: 'A SPIFFE ID has no port; remove the ":" and what follows it.',
  SPIFFE_ID_PERCENT_ENCODING:
    'Percent-encoding is not allowed anywhere in a SPIFFE ID; use only the allowed letters instead.',
  SPIFFE_ID_QUERY: 'A SPIFFE ID has no query, not even an empty one; remove the "?" and what follows it.',
  SPIFFE_ID_FRAGMENT: 'A SPIFFE ID has no fragment, not even an empty one; remove the "#" and what follows it.',
  SPIFFE_ID_PATH_CHARACTER:
    'The path has a byte other than a-z, A-Z, 0-9, ".", "-" and "_" between its slashes; remove it.',
  SPIFFE_ID_EMPTY_SEGMENT: 'A path segment is empty; remove the doubled "/", or give the segment a value.',
  SPIFFE_ID_DOT_SEGMENT: 'A path segment is "." or ".."; relative paths do not exist in a SPIFFE ID.',
  SPIFFE_ID_TRAILING_SLASH: 'The path ends with "/"; remove it (the ID of a trust domain has no path at all).',
  SPIFFE_ID_SEGMENT_SEPARATOR: 'A value for one path segment contains "/"; pass one value for each segment.',
  SPIFFE_ID_USERNAME_NOT_SERVICE_ACCOUNT:
    'The user name does not begin with "system:serviceaccount:"; only service accounts have a workload identity.',
  SPIFFE_ID_USERNAME_PARTS:
    'The user name is not exactly system:serviceaccount:<namespace>:<name>; check who wrote it.',
  SPIFFE_ID_NAMESPACE_INVALID: 'The namespace is not a DNS-1123 label; detail.reasons has the words of Kubernetes.',
  SPIFFE_ID_SERVICE_ACCOUNT_INVALID:
    'The service account name is not a DNS-1123 subdomain; detail.reasons has the words of Kubernetes.',
  SPIFFE_ID_NOT_A_SERVICE_ACCOUNT:
    'The path of the SPIFFE ID is not /ns/<namespace>/sa/<name>; it names no service account.',
  SPIFFE_ID_LINKERD_NAME_SUFFIX:
    'The name does not end with .serviceaccount.identity.<control-namespace>.<trust-domain> of this mesh; it belongs to another.',
  SPIFFE_ID_LINKERD_NAME_PARTS: 'The name has no <service-account>.<namespace> before its suffix; write both.',
  SPIFFE_ID_LINKERD_NAME_TOO_LONG: 'The name is over 253 bytes and so is no DNS name; shorten one of its parts.',
  SPIFFE_ID_LINKERD_SERVICE_ACCOUNT_NOT_A_LABEL:
    "Linkerd's name keeps the service account in one DNS label, so dots or more than 63 bytes cannot be carried; use the SPIFFE ID, or dottedAccounts for dots.",
  SPIFFE_ID_LINKERD_CONTROL_NAMESPACE_INVALID:
    'The control-plane namespace is not a DNS-1123 label; detail.reasons has the words of Kubernetes.',
  SPIFFE_ID_LINKERD_TRUST_DOMAIN_INVALID:
    'The trust domain is a SPIFFE one but no DNS name (DNS-1123), so Linkerd cannot use it; use the SPIFFE ID or rename it.',
  SPIFFE_ID_PATTERN_INVALID:
    'The path pattern is malformed; "*" stands for one whole segment, a last "**" for one or more.',
  SPIFFE_ID_MISMATCH: 'The SPIFFE ID is not the expected one; check which workload answered.',
  SPIFFE_ID_NOT_ONE_OF:
    'The SPIFFE ID is none of the expected ones; add it to the list or check which workload answered.',
  SPIFFE_ID_NOT_A_MEMBER: 'The SPIFFE ID belongs to another trust domain; it needs federation, not a wider match.',
  SPIFFE_ID_PATTERN_MISMATCH: 'The path of the SPIFFE ID does not fit the pattern; check which workload answered.',
} as const

/** The stable name of one way to refuse; see {@link spiffeIdErrorCodes}. */
export type SpiffeIdErrorCode = keyof typeof spiffeIdErrorCodes

/** What is safe to log about a refusal: no more of the input than one character, or a value that was already valid. */
export interface SpiffeIdErrorDetail {
  /** What would have been accepted. */
  readonly expected?: string
  /** What was there instead: one byte or code unit (`"%" (0x25)`, `U+212A`, `end of text`), a count, or a valid value. */
  readonly found?: string
  /** Where, in code units from the start of the text or of the value; bytes, as long as what comes before is ASCII. */
  readonly offset?: number
  /** The limit that was passed, in bytes. */
  readonly limit?: number
  /** Which value of a template or list of segments, counted from 0. */
  readonly index?: number
  /** The exact words of Kubernetes' validation. */
  readonly reasons?: readonly string[]
}

/** The one error of this package: a text or a value was refused, and `code` says why. */
export class SpiffeIdError extends Error {
  override readonly name = 'SpiffeIdError'
  readonly code: SpiffeIdErrorCode
  readonly detail: SpiffeIdErrorDetail

  constructor(
    code: SpiffeIdErrorCode,
    message: string,
    options: { detail?: SpiffeIdErrorDetail; cause?: unknown } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.detail = Object.freeze({ ...options.detail })
  }
}

/** Describes the code unit of a text at an offset so that it can be logged: never a control or foreign character itself. */
export const describeAt = (text: string, offset: number): string => {
  if (offset >= text.length) return 'end of text'
  const code = text.charCodeAt(offset)
  const hex = code.toString(16).toUpperCase()
  if (code > 0x7f) return `U+${hex.padStart(4, '0')}`
  return code > 0x20 && code < 0x7f ? `"${text.charAt(offset)}" (0x${hex})` : `0x${hex.padStart(2, '0')}`
}

/** Says how many code units a text shares with what it should begin with: the offset of the first difference. */
export const sharedLength = (text: string, prefix: string): number => {
  let at = 0
  while (at < prefix.length && text.charCodeAt(at) === prefix.charCodeAt(at)) at += 1
  return at
}
