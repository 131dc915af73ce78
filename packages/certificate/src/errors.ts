/** Each code of {@link CertificateError}: what it means and what to do next. docs/errors.md is generated from this table. */
export const certificateErrorCodes = {
  // Reading bytes
  CERT_TOO_LARGE: 'The input is longer than the limit; check that it is a certificate, or raise the limit.',
  CERT_DER_INVALID: 'The bytes are not the strict DER of one certificate; ask its issuer for a well-formed one.',
  CERT_VERSION_UNSUPPORTED: 'Only version 3 certificates are read; issue it again as version 3.',
  CERT_SERIAL_NUMBER_INVALID: 'The serial number is not positive or is longer than 20 octets; issue it again.',
  CERT_ALGORITHM_MISMATCH:
    'The signature algorithm inside the signed part differs from the one outside; do not trust it.',
  CERT_UNSUPPORTED_ALGORITHM: 'The key or the signature uses an algorithm that is not supported here; see detail.',
  CERT_PUBLIC_KEY_INVALID: 'The subject public key is malformed; issue the certificate again.',
  CERT_NAME_INVALID: 'The subject or issuer name breaks RFC 5280; issue it again.',
  CERT_VALIDITY_INVALID: 'The validity ends before it begins, or its times are in the wrong form; issue it again.',
  CERT_EXTENSION_DUPLICATE: 'An extension is there twice; do not trust it.',
  CERT_EXTENSION_INVALID: 'An extension breaks its rules in RFC 5280; detail.extension says which.',
  CERT_EXTENSIONS_TOO_MANY: 'There are more extensions or names than the limit; no honest certificate needs as many.',

  // Bundles
  CERT_PEM_INVALID: 'The PEM text is broken at the line in detail; copy the file again, whole.',
  CERT_PEM_EMPTY: 'The text holds no CERTIFICATE block; check that the right file was given.',
  CERT_BUNDLE_TOO_MANY: 'There are more certificates than the limit; remove the ones that are not needed.',
  CERT_TRUST_ANCHORS_EMPTY: 'There is no trust anchor, so nothing can be trusted; give at least one CA certificate.',

  // Validating a chain
  CERT_CHAIN_EMPTY: 'The chain holds no certificate; the peer or the file sent none.',
  CERT_CHAIN_TOO_LONG: 'The chain has more certificates or bytes than the limit; send only what leads to the anchor.',
  CERT_EXPIRED: 'A certificate is past its notAfter; renew it, or check the clock.',
  CERT_NOT_YET_VALID: 'A certificate is before its notBefore; check the clock, or wait.',
  CERT_ANCHOR_EXPIRED: 'The trust anchor itself is past its notAfter; replace it in every trust bundle.',
  CERT_ANCHOR_NOT_YET_VALID: 'The trust anchor itself is before its notBefore; check the clock.',
  CERT_NOT_A_CA: 'A certificate that must sign others is not a CA; use one with basic constraints CA:TRUE.',
  CERT_NO_KEY_CERT_SIGN: 'A CA certificate may not sign certificates; issue it with key usage keyCertSign.',
  CERT_PATH_LENGTH_EXCEEDED: 'A CA allows fewer CAs below it than there are; have it issued with a longer path length.',
  CERT_UNKNOWN_ISSUER:
    'No trust anchor and no given intermediate issued the certificate; check the bundle and the chain.',
  CERT_SIGNATURE_INVALID: 'The signature does not verify under the key of the named issuer; do not trust it.',
  CERT_UNKNOWN_CRITICAL_EXTENSION: 'A critical extension is not understood here, so the certificate must be refused.',
  CERT_NAME_EXCLUDED: 'A certificate has a name that a CA above it excludes; detail says which name and which CA.',
  CERT_NAME_NOT_PERMITTED:
    'A certificate has a name outside of those that a CA above it permits; detail says which name and which CA.',
  CERT_NAME_CONSTRAINTS_UNSUPPORTED:
    'A CA constrains names of a kind that cannot be compared, and a certificate below has one; leave the name out.',
  CERT_POLICY_UNSUPPORTED:
    'A CA demands an explicit certificate policy, and policies are not compared here; use a CA without the demand.',
  CERT_EXTENDED_KEY_USAGE_MISMATCH:
    'The extended key usage does not allow the purpose; issue it with the usage in detail.',
  CERT_KEY_USAGE_MISMATCH: 'The key usage does not allow the purpose; issue it with the usage in detail.',
  CERT_LEAF_IS_CA: 'A CA certificate was presented as a leaf; present a leaf issued by it.',
  CERT_SEARCH_LIMIT:
    'The search for a path took more work than the limit in detail; send only the chain that is needed.',

  // Names of peers
  CERT_PEER_NAME_MISMATCH: 'The certificate has not the name of the peer that was asked for; detail has both.',

  // SPIFFE
  CERT_NO_SPIFFE_ID: 'The certificate has no URI name, so it carries no SPIFFE ID (X509-3).',
  CERT_MULTIPLE_URI_NAMES: 'The certificate has more than one URI name; an SVID has exactly one (X509-2).',
  CERT_SPIFFE_ID_INVALID: 'The URI name is not a SPIFFE ID; the cause says why (X509-5).',
  CERT_SPIFFE_ID_WITHOUT_PATH:
    'The SPIFFE ID of a leaf names a trust domain, not a workload; it needs a path (X509-7).',
  CERT_LEAF_CAN_SIGN: 'A leaf may sign certificates or CRLs, which an SVID leaf must not (X509-18).',
  CERT_LEAF_NO_DIGITAL_SIGNATURE:
    'A leaf lacks the key usage digitalSignature, which an SVID leaf must have (X509-18).',
  CERT_SUBJECT_ALT_NAME_NOT_CRITICAL: 'The subject is empty and the subject alternative name is not critical (X509-8).',

  // Issuing
  CERT_KEY_MISMATCH: 'The private key does not belong to the certificate; pair them again.',
  CERT_COMMON_NAME_INVALID:
    "The common name is empty, longer than 64 characters, has control characters or is the issuer's; choose another.",
  CERT_LIFETIME_INVALID: 'A lifetime, clock skew or minimum of remaining life is out of its bounds; see detail.option.',
  CERT_ISSUER_EXPIRING:
    'The issuer, or a CA above it, is about to expire, so nothing is issued; renew what detail names.',
  CERT_SIGNING_FAILED: 'The signer failed; its own error is the cause. Try again, or check the key service.',
  CERT_SELF_CHECK_FAILED: 'A fresh leaf does not verify, so it was not released; check the signer and its key.',
} as const

/** The stable codes of {@link CertificateError}. */
export type CertificateErrorCode = keyof typeof certificateErrorCodes

/** What a {@link CertificateError} found and expected; never a key, a token or a whole certificate. */
export type CertificateErrorDetail = Readonly<Record<string, string | number | boolean | readonly string[]>>

/** Options of a {@link CertificateError}. */
export interface CertificateErrorOptions {
  /** Evidence: `{ expected, found, limit, subject, … }`, frozen when it enters. */
  readonly detail?: CertificateErrorDetail
  /** The error below this one. */
  readonly cause?: unknown
}

/** A certificate, bundle, chain or issuer that is refused: `code` is stable, `detail` is safe to log. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError'
  readonly code: CertificateErrorCode
  readonly detail: CertificateErrorDetail

  constructor(code: CertificateErrorCode, message: string, options: CertificateErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.detail = Object.freeze({ ...options.detail })
  }
}
