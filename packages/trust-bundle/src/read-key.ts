import { checkDuplicates } from './check-duplicates.ts'
import { refusal } from './errors.ts'
import { describeJson, JsonObject, type JsonValue } from './json-value.ts'

/** One entry of `keys` that is for SVIDs of a kind that is known here. */
export interface BundleKey {
  readonly use: 'x509-svid' | 'jwt-svid'
  readonly jwk: JsonObject
}

/** RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1. */
const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'] as const
const types: ReadonlySet<unknown> = new Set(['EC', 'OKP', 'RSA'])

/**
 * Checks what every entry has in common: an object with each member once, nothing private, a `kty` and a `use` that are known.
 *
 * @throws TrustBundleError TRUST_BUNDLE_KEY_NOT_AN_OBJECT, TRUST_BUNDLE_KEY_MEMBER_DUPLICATE, TRUST_BUNDLE_KEY_PRIVATE,
 *   TRUST_BUNDLE_KEY_TYPE_UNKNOWN, TRUST_BUNDLE_KEY_USE_UNKNOWN
 * @see SPIFFE Trust Domain and Bundle section 4.2; rules BUNDLE-13 to BUNDLE-15, BUNDLE-17 and BUNDLE-20
 */
export function readKey(key: JsonValue): BundleKey {
  if (!(key instanceof JsonObject)) {
    throw refusal('TRUST_BUNDLE_KEY_NOT_AN_OBJECT', 'entry', 'an object', describeJson(key))
  }
  checkDuplicates(key, 'TRUST_BUNDLE_KEY_MEMBER_DUPLICATE', 'entry')
  const secret = privateMembers.find((name) => key.members.has(name))
  if (secret !== undefined) throw refusal('TRUST_BUNDLE_KEY_PRIVATE', 'entry', 'a public key', `the member "${secret}"`)
  const kty = key.members.get('kty')
  if (!types.has(kty)) throw refusal('TRUST_BUNDLE_KEY_TYPE_UNKNOWN', 'kty', 'EC, OKP or RSA', describeJson(kty))
  const use = key.members.get('use')
  if (use === 'x509-svid' || use === 'jwt-svid') return { use, jwk: key }
  throw refusal('TRUST_BUNDLE_KEY_USE_UNKNOWN', 'use', 'x509-svid or jwt-svid', describeJson(use))
}
