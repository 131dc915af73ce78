import type { Certificate } from '@meshid/certificate'
import type { TrustDomain } from '@meshid/spiffe-id'
import { checkDuplicates } from './check-duplicates.ts'
import { refusal, TrustBundleError } from './errors.ts'
import type { IgnoredObserver } from './ignored-member.ts'
import { describeJson, JsonNumber, JsonObject, type JsonValue } from './json-value.ts'
import type { JwtAuthority } from './jwt-authority.ts'
import { readJwtAuthorities } from './read-jwt-authorities.ts'
import { readKey } from './read-key.ts'
import { readX509Authority } from './read-x509-authority.ts'
import { createTrustBundle, isRefreshHint, MAX_SEQUENCE_NUMBER, type TrustBundle } from './trust-bundle.ts'

/** Most entries of `keys`; rotating authorities need a handful. */
export const MAX_BUNDLE_KEYS = 1024

/** How {@link readBundle} reads. */
export interface ReadBundleOptions {
  readonly trustDomain: TrustDomain
  /** JSON pointer of the bundle itself. */
  readonly at: string
  readonly onIgnored: IgnoredObserver
}

/** Reads a JWK Set as the bundle of a trust domain: bad entries one by one are told and left out, bad sets refused. */
export function readBundle(document: JsonValue, options: ReadBundleOptions): TrustBundle {
  const what = options.at === '' ? 'document' : options.at
  if (!(document instanceof JsonObject)) {
    throw refusal('TRUST_BUNDLE_NOT_AN_OBJECT', what, 'an object', describeJson(document))
  }
  checkDuplicates(document, 'TRUST_BUNDLE_MEMBER_DUPLICATE', what)
  const keys = document.members.get('keys')
  if (!Array.isArray(keys)) {
    throw refusal('TRUST_BUNDLE_KEYS_MISSING', what, 'an array of keys', describeJson(keys))
  }
  if (keys.length > MAX_BUNDLE_KEYS) {
    throw refusal('TRUST_BUNDLE_KEYS_TOO_MANY', what, `at most ${MAX_BUNDLE_KEYS} keys`, `${keys.length}`, {
      detail: { limit: MAX_BUNDLE_KEYS },
    })
  }
  const sequenceNumber = readSequence(document.members.get('spiffe_sequence'), what)
  const authorities = readKeys(keys, options)
  const refreshHintMs = readRefreshHint(document.members.get('spiffe_refresh_hint'), options)
  return createTrustBundle({ trustDomain: options.trustDomain, ...authorities, sequenceNumber, refreshHintMs })
}

interface Authorities {
  readonly x509Authorities: readonly Certificate[]
  readonly jwtAuthorities: readonly JwtAuthority[]
}

function readKeys(keys: readonly JsonValue[], { at, onIgnored }: ReadBundleOptions): Authorities {
  const x509Authorities: Certificate[] = []
  const jwks: (readonly [string, JsonObject])[] = []
  for (const [index, key] of keys.entries()) {
    const place = `${at}/keys/${index}`
    const ignore = (error: TrustBundleError, below = ''): void => onIgnored({ at: place + below, error })
    try {
      const { use, jwk } = readKey(key)
      if (use === 'jwt-svid') jwks.push([place, jwk])
      else x509Authorities.push(readX509Authority(jwk, ignore))
    } catch (error) {
      if (!(error instanceof TrustBundleError)) throw error
      ignore(error)
    }
  }
  return { x509Authorities, jwtAuthorities: readJwtAuthorities(jwks, onIgnored) }
}

function readSequence(value: JsonValue | undefined, what: string): bigint | undefined {
  if (value === undefined || value === null) return undefined
  const isPlain = value instanceof JsonNumber && /^(?:0|[1-9][0-9]*)$/.test(value.text)
  const sequence = isPlain ? BigInt(value.text) : undefined
  if (sequence !== undefined && sequence <= MAX_SEQUENCE_NUMBER) return sequence
  const found = value instanceof JsonNumber ? value.text : describeJson(value)
  throw refusal('TRUST_BUNDLE_SEQUENCE_INVALID', `${what} spiffe_sequence`, 'a plain integer of 64 bits', found)
}

function readRefreshHint(value: JsonValue | undefined, { at, onIgnored }: ReadBundleOptions): number | undefined {
  if (value === undefined || value === null) return undefined
  const isPlain = value instanceof JsonNumber && /^[1-9][0-9]{0,11}$/.test(value.text)
  const ms = isPlain ? Number(value.text) * 1000 : 0
  if (isRefreshHint(ms)) return ms
  const found = value instanceof JsonNumber ? value.text : describeJson(value)
  const error = refusal('TRUST_BUNDLE_REFRESH_HINT_INVALID', 'refresh hint', 'whole seconds, at least 1', found)
  onIgnored({ at: `${at}/spiffe_refresh_hint`, error })
  return undefined
}
