/** Each code of {@link TrustBundleError}: what it means and what to do next. docs/errors.md is generated from this table. */
export const trustBundleErrorCodes = {
  // Documents that are refused as a whole
  TRUST_BUNDLE_TOO_LARGE: 'The document is longer than the limit; check that it is a trust bundle, or raise the limit.',
  TRUST_BUNDLE_JSON_INVALID: 'The text is not strict JSON in UTF-8; detail.offset says where it breaks.',
  TRUST_BUNDLE_NOT_AN_OBJECT: 'The document is JSON but no object; a JWK Set was expected (BUNDLE-5).',
  TRUST_BUNDLE_MEMBER_DUPLICATE:
    'A member of the document is there twice, so readers could differ about it; publish it once (BUNDLE-18).',
  TRUST_BUNDLE_KEYS_MISSING: 'The member "keys" is missing or no array; an empty bundle says "keys": [] (BUNDLE-10).',
  TRUST_BUNDLE_KEYS_TOO_MANY: 'There are more keys than the limit; remove those that no valid SVID needs.',
  TRUST_BUNDLE_SEQUENCE_INVALID:
    'The sequence number is not a whole number of at most 64 bits, written plainly; publish it as one (BUNDLE-8).',
  TRUST_BUNDLE_MAP_INVALID: 'The bundle map has no object "trust_domains"; give a map, not a bundle (BUNDLE-23).',
  TRUST_BUNDLE_PEM_INVALID: 'The PEM text cannot be read; the cause names the line.',

  // Entries that are ignored one by one, and told to onIgnored
  TRUST_BUNDLE_KEY_NOT_AN_OBJECT: 'An entry of "keys" is no object; the others count.',
  TRUST_BUNDLE_KEY_MEMBER_DUPLICATE: 'An entry of "keys" has a member twice, so it is ignored; the others count.',
  TRUST_BUNDLE_KEY_TYPE_UNKNOWN:
    'An entry has no kty, or one that is not known here, so it is ignored; newer readers may know it (BUNDLE-13).',
  TRUST_BUNDLE_KEY_CURVE_UNKNOWN:
    'An entry is on a curve that is not known here, so it is ignored; newer readers may know it (BUNDLE-13).',
  TRUST_BUNDLE_KEY_USE_UNKNOWN:
    'An entry has no use, or one that is not known here, so it is ignored; the names are case-sensitive (BUNDLE-15).',
  TRUST_BUNDLE_KEY_INVALID: 'The key of an entry is malformed, so the entry is ignored; publish it again (BUNDLE-17).',
  TRUST_BUNDLE_KEY_PRIVATE:
    'An entry holds private or symmetric key material, so it is ignored; that key is burnt, replace it (BUNDLE-20).',
  TRUST_BUNDLE_CERTIFICATE_MISSING: 'An entry for X509-SVIDs has no certificate in x5c, so it is ignored (X509-43).',
  TRUST_BUNDLE_CERTIFICATE_EXTRA: 'An entry has more than one certificate; the first counts, alone (X509-44).',
  TRUST_BUNDLE_CERTIFICATE_INVALID:
    'The certificate of an entry cannot be read or has the wrong encoding, so the entry is ignored; the cause says why.',
  TRUST_BUNDLE_CERTIFICATE_KEY_MISMATCH:
    'The certificate of an entry has another key than the entry itself, so the entry is ignored (X509-46).',
  TRUST_BUNDLE_KEY_ID_MISSING: 'An entry for JWT-SVIDs has no kid, so no token can name it; it is ignored.',
  TRUST_BUNDLE_KEY_ID_CONFLICT: 'Two different keys have one kid, so both are ignored; publish unique ones.',
  TRUST_BUNDLE_REFRESH_HINT_INVALID:
    'The refresh hint is not a sensible whole number of seconds, so it counts as absent (BUNDLE-9).',
  TRUST_BUNDLE_BLOCK_IGNORED: 'A PEM block is no certificate, so it is ignored; detail says which and where.',

  // Authorities and sets
  TRUST_BUNDLE_NOT_A_CA:
    'A certificate may not sign others, so it cannot be an authority; list the CA above it instead (X509-33).',
  TRUST_BUNDLE_TRUST_DOMAIN_INVALID: 'A key of the bundle map is not the bare name of a trust domain (BUNDLE-23).',
  TRUST_BUNDLE_TRUST_DOMAIN_DUPLICATE:
    'Two bundles are for one trust domain, and they are never merged; keep one (BUNDLE-24).',
  TRUST_BUNDLE_TRUST_DOMAIN_MISMATCH:
    'The bundles are of different trust domains, so one cannot follow the other; check where each came from.',
  TRUST_BUNDLE_SEARCH_LIMIT:
    'Finding who signed the new keys took more signature checks than the limit; give authorities distinct names.',
} as const

/** The stable codes of {@link TrustBundleError}. */
export type TrustBundleErrorCode = keyof typeof trustBundleErrorCodes

/** What a {@link TrustBundleError} found and expected; never key material. */
export type TrustBundleErrorDetail = Readonly<Record<string, string | number | boolean | readonly string[]>>

/** Options of a {@link TrustBundleError}. */
export interface TrustBundleErrorOptions {
  /** Evidence: `{ expected, found, limit, at, … }`, frozen when it enters. */
  readonly detail?: TrustBundleErrorDetail
  /** The error below this one. */
  readonly cause?: unknown
}

/** A trust bundle, or an entry of one, that is refused: `code` is stable, `detail` is safe to log. */
export class TrustBundleError extends Error {
  override readonly name = 'TrustBundleError'
  readonly code: TrustBundleErrorCode
  readonly detail: TrustBundleErrorDetail

  constructor(code: TrustBundleErrorCode, message: string, options: TrustBundleErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.detail = Object.freeze({ ...options.detail })
  }
}

/** An expectation that failed, told in one line. */
export function refusal(
  code: TrustBundleErrorCode,
  what: string,
  expected: string,
  found: string,
  more: TrustBundleErrorOptions = {},
): TrustBundleError {
  return new TrustBundleError(code, `${what}: expected ${expected}, found ${found}`, {
    ...more,
    detail: { expected, found, ...more.detail },
  })
}
