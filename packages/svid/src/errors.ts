/** Each code of {@link SvidError}: what it means and what to do next. docs/errors.md is generated from this table. */
export const svidErrorCodes = {
  // What was shown
  SVID_CHAIN_EMPTY: 'The peer showed no certificate; ask for one in TLS, and have the peer send its SVID.',
  SVID_CHAIN_TOO_LONG: 'The chain has more certificates or bytes than the limit; send only what leads to the anchor.',
  SVID_CERTIFICATE_INVALID:
    'A certificate of the chain is not strict DER of a certificate; detail.index says which, the cause why.',

  // Who the leaf says it is
  SVID_NO_URI_NAME: 'The leaf has no URI name, so it is no SVID; DNS and common names are no SPIFFE IDs (X509-3).',
  SVID_MULTIPLE_URI_NAMES: 'The leaf has more than one URI name; an SVID has exactly one (X509-2).',
  SVID_ID_INVALID: 'The URI name of the leaf is not a SPIFFE ID; the cause says where it breaks (X509-5).',
  SVID_ID_WITHOUT_PATH: 'The SPIFFE ID names a trust domain and not a workload; a leaf needs a path (X509-7).',

  // What the leaf may do
  SVID_LEAF_IS_CA: 'A CA certificate was shown as a leaf; CAs may not authenticate (X509-15).',
  SVID_LEAF_CAN_SIGN: 'The leaf may sign certificates or CRLs, which an SVID must not (X509-18).',
  SVID_LEAF_NO_DIGITAL_SIGNATURE: 'The leaf lacks the key usage digitalSignature (X509-17, X509-18); issue it with it.',
  SVID_SUBJECT_ALT_NAME_NOT_CRITICAL:
    'The subject is empty and the subject alternative name is not critical (X509-8); issue it again.',

  // Whose authorities count
  SVID_BUNDLE_MISSING:
    'There is no bundle for the trust domain of the SVID, so it is a stranger; federate with it if it should be known.',
  SVID_BUNDLE_EMPTY: 'The bundle of the trust domain is empty: everything of it is distrusted on purpose (BUNDLE-12).',
  SVID_BUNDLE_WITHOUT_X509: 'The bundle of the trust domain has keys for tokens only, so no X.509-SVID of it counts.',

  // The path
  SVID_EXPIRED: 'The leaf is past its notAfter; the workload must renew it, or a clock is wrong.',
  SVID_NOT_YET_VALID: 'The leaf is before its notBefore; a clock is wrong, here or where it was issued.',
  SVID_ISSUER_EXPIRED: 'A CA between the leaf and the anchor is past its notAfter; the issuer must be replaced.',
  SVID_ISSUER_NOT_YET_VALID: 'A CA between the leaf and the anchor is before its notBefore; check the clocks.',
  SVID_AUTHORITY_EXPIRED: 'The authority in the bundle is past its notAfter; the trust domain must publish a new one.',
  SVID_AUTHORITY_NOT_YET_VALID: 'The authority in the bundle is before its notBefore; check the clocks.',
  SVID_UNKNOWN_AUTHORITY:
    'No authority in the bundle of its own trust domain leads to the leaf; it was removed, is too new, or is a forgery.',
  SVID_SIGNATURE_INVALID: 'A signature of the path does not verify; do not trust what was shown.',
  SVID_EXTENDED_KEY_USAGE_MISMATCH:
    'The extended key usage of the leaf or of a CA does not allow this side of TLS; issue it with both.',
  SVID_ISSUER_NOT_A_CA: 'A certificate behind the leaf is no CA; send only CAs after the leaf.',
  SVID_ISSUER_CANNOT_SIGN: 'A certificate behind the leaf lacks keyCertSign; send only signing certificates after it.',
  SVID_NAME_NOT_PERMITTED:
    'A CA of the path does not permit a name of the leaf (X509-23); have the leaf issued by one that does.',
  SVID_PATH_INVALID: 'The path breaks a rule of RFC 5280; detail.certificate has its code, the cause the evidence.',
  SVID_PUBLIC_KEY_INVALID:
    'The public key of the leaf is no point of its curve, so nobody can own it; have the workload make a new key.',
  SVID_KEY_MISMATCH: 'The key does not belong to the leaf; pair them again.',

  // Whether it is welcome
  SVID_ID_MISMATCH: 'The SVID is genuine, but another workload was expected; check which one answered.',
  SVID_ID_NOT_LISTED: 'The SVID is genuine, but none of those expected; add it to the list, or check who it is.',
  SVID_NOT_A_MEMBER: 'The SVID is genuine, but of another trust domain than was expected.',
  SVID_PATH_MISMATCH: 'The SVID is genuine, but the path of its ID does not fit the pattern.',
  SVID_NO_ALTERNATIVE: 'The SVID is genuine, but none of the alternatives accepts it; detail.refusals has each.',
  SVID_EXCLUDED: 'The SVID is genuine, but one of those that are excluded.',
  SVID_NOT_AUTHORIZED: "The SVID is genuine, but the caller's own rule refuses it; detail says what was expected.",
  SVID_AUTHORIZER_FAILED:
    'The authorizer did not decide, so the SVID is refused: it failed, or returned a value instead of throwing.',
} as const

/** The stable codes of {@link SvidError}. */
export type SvidErrorCode = keyof typeof svidErrorCodes

/** What a {@link SvidError} found and expected; never a key or a whole certificate. */
export type SvidErrorDetail = Readonly<Record<string, string | number | boolean | readonly string[]>>

/** Options of a {@link SvidError}. */
export interface SvidErrorOptions {
  /** Evidence: `{ expected, found, spiffeId, certificate, … }`, frozen when it enters. */
  readonly detail?: SvidErrorDetail
  /** The error below this one. */
  readonly cause?: unknown
}

/** An SVID that is refused: `code` is stable, `detail` is safe to log. */
export class SvidError extends Error {
  override readonly name = 'SvidError'
  readonly code: SvidErrorCode
  readonly detail: SvidErrorDetail

  constructor(code: SvidErrorCode, message: string, options: SvidErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.detail = Object.freeze({ ...options.detail })
  }
}
