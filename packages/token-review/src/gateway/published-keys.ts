import { type VerifiedClaims, verifySignature } from '../jwks.ts'
import type { KubernetesTransport } from '../kubernetes-transport.ts'
import { checkWhole } from '../option-range.ts'
import type { ReviewObservation } from '../review-observer.ts'
import { KeyRing, type KeyRingSettings } from './key-ring.ts'
import { localRefusal } from './local-refusal.ts'
import { readUnverifiedToken } from './unverified-token.ts'

/** Where Kubernetes publishes the keys of its service account tokens. */
export const PUBLISHED_KEYS_PATH = '/openid/v1/jwks'

/** How old keys may be before they are fetched again, unless told otherwise. */
export const DEFAULT_KEYS_REFRESH_MS = 300_000

/** The least time between two fetches, however many unknown keys are named, unless told otherwise. */
export const DEFAULT_KEYS_MIN_REFRESH_MS = 1000

/** How old keys may be and still refuse a token, unless told otherwise; after that it is as if there were none. */
export const DEFAULT_KEYS_MAX_AGE_MS = 3_600_000

/** The oldest that keys may be told to become: a week. */
const MAX_KEYS_AGE_MS = 604_800_000

/** Options of {@link createPublishedKeys}. */
export interface PublishedKeysOptions extends ReviewObservation {
  /** Best one that does not wait in the queue of the reviews. */
  readonly transport: KubernetesTransport
  readonly clock: { now(): Date }
  /** Default {@link DEFAULT_KEYS_REFRESH_MS}. */
  readonly refreshMs?: number | undefined
  /** Default {@link DEFAULT_KEYS_MIN_REFRESH_MS}; after failures it doubles, up to `refreshMs`. */
  readonly minRefreshMs?: number | undefined
  /** Default {@link DEFAULT_KEYS_MAX_AGE_MS}, or `refreshMs` if that is more. */
  readonly maxAgeMs?: number | undefined
  /** Default {@link PUBLISHED_KEYS_PATH}. */
  readonly path?: string | undefined
}

/** The keys that a cluster publishes, kept fresh by being used: there is no timer. */
export interface PublishedKeys {
  /** How many keys can refuse a token now: 0 before the first fetch, and when the last one is too long ago. */
  readonly size: number
  /**
   * Fetches the keys now, or joins the fetch that is under way; good at start, since nothing else waits for the first keys.
   *
   * @throws TokenReviewError what the transport gives, TOKEN_REVIEW_RESPONSE_INVALID
   */
  refresh(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>
  /**
   * Verifies the signature of a token; undefined when nothing can be said, because there are no keys or the token is no JWT.
   *
   * A token that names an unknown key is held until the keys were fetched anew, at most once in `minRefreshMs`.
   *
   * @throws TokenReviewError TOKEN_REVIEW_REJECTED when no key of the cluster has signed it; `detail.preCheck` says why
   */
  verify(token: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<VerifiedClaims | undefined>
}

/**
 * Makes the set of keys that the API server signs service account tokens with, as it publishes them.
 *
 * Trust: the keys are those of whoever the transport asks. They can refuse a token; they never make one good, since a
 * signature does not see deleted pods. A server that cannot be asked leaves the keys as they were, until they are too old.
 *
 * @throws RangeError when a number is out of range
 * @see Kubernetes "Service account issuer discovery"
 */
export function createPublishedKeys(options: PublishedKeysOptions): PublishedKeys {
  const ring = new KeyRing(settingsOf(options), options)
  return Object.freeze({
    get size() {
      return ring.keys.length
    },
    refresh: async ({ signal }: { readonly signal?: AbortSignal | undefined } = {}) => {
      signal?.throwIfAborted()
      await ring.fetch().wait(signal)
    },
    verify: async (token: string, { signal }: { readonly signal?: AbortSignal | undefined } = {}) => {
      const header = readUnverifiedToken(token)?.header
      if (header === undefined) return undefined
      const found = await ring.find(header, signal)
      if (found === undefined) return undefined
      const claims = await verifySignature(token, found)
      if (claims === undefined) throw localRefusal('signature')
      return claims
    },
  })
}

function settingsOf(options: PublishedKeysOptions): KeyRingSettings {
  const { transport, clock, path = PUBLISHED_KEYS_PATH, refreshMs = DEFAULT_KEYS_REFRESH_MS } = options
  const { minRefreshMs = Math.min(DEFAULT_KEYS_MIN_REFRESH_MS, refreshMs) } = options
  const { maxAgeMs = Math.max(DEFAULT_KEYS_MAX_AGE_MS, refreshMs) } = options
  checkWhole('refreshMs', refreshMs, { from: 1, to: MAX_KEYS_AGE_MS })
  checkWhole('minRefreshMs', minRefreshMs, { from: 1, to: refreshMs })
  checkWhole('maxAgeMs', maxAgeMs, { from: refreshMs, to: MAX_KEYS_AGE_MS })
  return { transport, clock, path, refreshMs, minRefreshMs, maxAgeMs }
}
