import { parseTrustDomain, SpiffeIdError, type TrustDomain } from '@meshid/spiffe-id'
import { checkDuplicates } from './check-duplicates.ts'
import { decodeDocument } from './decode-document.ts'
import { refusal } from './errors.ts'
import { describeJson, JsonObject } from './json-value.ts'
import type { IgnoredObserver } from './ignored-member.ts'
import { readBundle } from './read-bundle.ts'
import { changeTrustBundle } from './trust-bundle.ts'
import { createTrustBundleSet, type TrustBundleSet } from './trust-bundle-set.ts'

/** Options of {@link parseTrustBundleMap}. */
export interface ParseTrustBundleMapOptions {
  /** Told of each entry that does not count, in whichever bundle. */
  readonly onIgnored?: IgnoredObserver
  /** Most bytes, or characters of a string; {@link MAX_DOCUMENT_BYTES} by default. */
  readonly maxBytes?: number
}

/**
 * Reads a SPIFFE bundle map, a JSON object whose `trust_domains` holds a bundle for each name. It is the state of the
 * world: one bundle that is refused refuses the map (BUNDLE-26). Refresh hints inside are dropped (BUNDLE-25).
 *
 * Nothing is verified: the map must come from a place that is trusted for all of its trust domains.
 *
 * @throws TrustBundleError TRUST_BUNDLE_MAP_INVALID, TRUST_BUNDLE_TRUST_DOMAIN_INVALID,
 *   TRUST_BUNDLE_TRUST_DOMAIN_DUPLICATE, and the codes of `parseTrustBundle`
 * @see SPIFFE Trust Domain and Bundle section 5; rules BUNDLE-23 to BUNDLE-26
 */
export function parseTrustBundleMap(
  document: string | Uint8Array,
  options: ParseTrustBundleMapOptions = {},
): TrustBundleSet {
  const { onIgnored = () => {}, maxBytes } = options
  const map = decodeDocument(document, maxBytes)
  if (!(map instanceof JsonObject)) throw refusal('TRUST_BUNDLE_MAP_INVALID', 'map', 'an object', describeJson(map))
  checkDuplicates(map, 'TRUST_BUNDLE_MEMBER_DUPLICATE', 'map')
  const domains = map.members.get('trust_domains')
  if (!(domains instanceof JsonObject)) {
    throw refusal('TRUST_BUNDLE_MAP_INVALID', 'trust_domains', 'an object', describeJson(domains))
  }
  checkDuplicates(domains, 'TRUST_BUNDLE_TRUST_DOMAIN_DUPLICATE', 'trust_domains')
  const bundles = [...domains.members].map(([name, bundle]) => {
    const trustDomain = readTrustDomain(name)
    const read = readBundle(bundle, { trustDomain, at: `/trust_domains/${name}`, onIgnored })
    return changeTrustBundle(read, { refreshHintMs: undefined })
  })
  return createTrustBundleSet(bundles)
}

function readTrustDomain(name: string): TrustDomain {
  try {
    return parseTrustDomain(name)
  } catch (cause) {
    if (!(cause instanceof SpiffeIdError)) throw cause
    const found = describeJson(name)
    throw refusal('TRUST_BUNDLE_TRUST_DOMAIN_INVALID', 'trust_domains', 'bare names', found, {
      detail: { spiffeId: cause.code },
      cause,
    })
  }
}
