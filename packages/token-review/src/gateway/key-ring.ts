import { TokenReviewError } from '../errors.ts'
import { parseKeySet, type PublishedKey } from '../jwks.ts'
import type { KubernetesTransport } from '../kubernetes-transport.ts'
import { checkStatus } from '../response-status.ts'
import { readAnswer } from '../review-call.ts'
import { observe, type ReviewObservation } from '../review-observer.ts'
import { sendRequest } from '../send-request.ts'
import { localRefusal } from './local-refusal.ts'
import { SharedPromise } from './shared-promise.ts'

/** What a ring needs, all checked by its maker. */
export interface KeyRingSettings {
  readonly transport: KubernetesTransport
  readonly clock: { now(): Date }
  readonly path: string
  readonly refreshMs: number
  readonly minRefreshMs: number
  readonly maxAgeMs: number
}

/** Holds the published keys, and fetches them when they are asked for and it is time. */
export class KeyRing {
  readonly #settings: KeyRingSettings
  readonly #observation: ReviewObservation
  #keys: readonly PublishedKey[] = []
  #fetchedAt = Number.NEGATIVE_INFINITY
  #attemptedAt = Number.NEGATIVE_INFINITY
  #failures = 0
  #fetching: SharedPromise<void> | undefined

  constructor(settings: KeyRingSettings, observation: ReviewObservation) {
    this.#settings = settings
    this.#observation = observation
  }

  /** The keys that may refuse a token now. */
  get keys(): readonly PublishedKey[] {
    return this.#since(this.#fetchedAt) < this.#settings.maxAgeMs ? this.#keys : []
  }

  /**
   * Finds the keys that a token's header may mean; undefined when there are none to compare with.
   *
   * @throws TokenReviewError TOKEN_REVIEW_REJECTED when the header names none of the cluster's, and that is fresh knowledge
   */
  async find(
    header: Readonly<Record<string, unknown>>,
    signal: AbortSignal | undefined,
  ): Promise<readonly PublishedKey[] | undefined> {
    if (this.#since(this.#fetchedAt) >= this.#settings.refreshMs && this.#mayFetch()) this.fetch()
    if (this.keys.length === 0) return undefined
    const found = named(this.keys, header)
    if (found.length > 0) return found
    if (!(await this.#freshen(signal))) return undefined
    const again = named(this.keys, header)
    if (again.length === 0) throw localRefusal('unknown-key')
    return again
  }

  /** Fetches the keys, once at a time. */
  fetch(): SharedPromise<void> {
    if (this.#fetching !== undefined) return this.#fetching
    this.#attemptedAt = this.#now()
    const fetching = new SharedPromise(this.#fetch())
    this.#fetching = fetching
    return fetching
  }

  async #fetch(): Promise<void> {
    const { transport, path } = this.#settings
    const tell = observe(this.#observation)
    const begun = this.#now()
    try {
      const response = await sendRequest(transport, { method: 'GET', path })
      checkStatus(response)
      const { keys, ignored } = await parseKeySet(readAnswer(response.body))
      this.#keys = keys
      this.#fetchedAt = begun
      this.#failures = 0
      tell({ type: 'keys-refreshed', keys: keys.length, ignored })
    } catch (error) {
      this.#failures += 1
      if (error instanceof TokenReviewError) tell({ type: 'keys-failed', code: error.code, error })
      throw error
    } finally {
      this.#fetching = undefined
    }
  }

  /** Makes sure that the keys are no older than the least time between two fetches; says whether they are. */
  async #freshen(signal: AbortSignal | undefined): Promise<boolean> {
    if (this.#since(this.#fetchedAt) < this.#settings.minRefreshMs) return true
    if (this.#fetching === undefined && !this.#mayFetch()) return false
    try {
      await this.fetch().wait(signal)
      return true
    } catch (error) {
      signal?.throwIfAborted()
      if (error instanceof TokenReviewError) return false
      throw error
    }
  }

  #mayFetch(): boolean {
    const { minRefreshMs, refreshMs } = this.#settings
    return this.#since(this.#attemptedAt) >= Math.min(refreshMs, minRefreshMs * 2 ** this.#failures)
  }

  #now(): number {
    return this.#settings.clock.now().getTime()
  }

  /** A clock that went back makes everything long ago. */
  #since(instant: number): number {
    const elapsedMs = this.#now() - instant
    return elapsedMs < 0 ? Number.POSITIVE_INFINITY : elapsedMs
  }
}

/** The keys with the name and the algorithm of the header; a header without a name may mean any. */
function named(
  keys: readonly PublishedKey[],
  { kid, alg }: Readonly<Record<string, unknown>>,
): readonly PublishedKey[] {
  return keys.filter((key) => key.alg === alg && (kid === undefined || key.kid === undefined || key.kid === kid))
}
