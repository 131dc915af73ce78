import type { TrustDomain } from '@meshid/spiffe-id'
import { decodeDocument } from './decode-document.ts'
import type { IgnoredObserver } from './ignored-member.ts'
import { readBundle } from './read-bundle.ts'
import type { TrustBundle } from './trust-bundle.ts'

/** Options of {@link parseTrustBundle} and its relatives. */
export interface ParseTrustBundleOptions {
  /** Whose bundle it is: the document does not say, so whoever fetched it must know (BUNDLE-1). */
  readonly trustDomain: TrustDomain
  /** Told of each entry that does not count; see {@link IgnoredObserver}. */
  readonly onIgnored?: IgnoredObserver
  /** Most bytes, or characters of a string; {@link MAX_DOCUMENT_BYTES} by default. */
  readonly maxBytes?: number
}

/**
 * Reads a SPIFFE bundle document, a JWK Set, as the bundle of a trust domain.
 *
 * Nothing is verified: the document must come over a channel that is trusted for this trust domain. Entries that are not
 * known here or are malformed are ignored one by one and told to `onIgnored`; `keys: []`, or no usable entry, is an empty
 * bundle, which distrusts everything. At most {@link MAX_BUNDLE_KEYS} keys.
 *
 * @throws TrustBundleError TRUST_BUNDLE_TOO_LARGE, TRUST_BUNDLE_JSON_INVALID, TRUST_BUNDLE_NOT_AN_OBJECT,
 *   TRUST_BUNDLE_MEMBER_DUPLICATE, TRUST_BUNDLE_KEYS_MISSING, TRUST_BUNDLE_KEYS_TOO_MANY, TRUST_BUNDLE_SEQUENCE_INVALID
 * @see SPIFFE Trust Domain and Bundle section 4; rules BUNDLE-5 to BUNDLE-21 and X509-42 to X509-47
 * @example
 * const bundle = parseTrustBundle(json, { trustDomain: parseTrustDomain('example.org') })
 */
export function parseTrustBundle(document: string | Uint8Array, options: ParseTrustBundleOptions): TrustBundle {
  const { trustDomain, onIgnored = () => {}, maxBytes } = options
  return readBundle(decodeDocument(document, maxBytes), { trustDomain, at: '', onIgnored })
}
