import { parseBearerToken } from '../bearer-token.ts'
import { checkWhole } from '../option-range.ts'
import { queueFull } from '../queue-full.ts'
import { observe, type ReviewObservation } from '../review-observer.ts'
import type { ReviewedAccount, ReviewOptions, TokenReviewer } from '../token-reviewer.ts'
import { SharedPromise } from './shared-promise.ts'
import { hashToken, type TokenHashing } from './token-hash.ts'

/** How many callers may wait for an answer at once unless told otherwise: twice a mesh of 10,000 pods that starts anew. */
export const DEFAULT_MAX_CALLERS = 20_000

/** When a caller that found too many others is told to come back; nothing here knows how fast the answers come. */
export const CALLERS_RETRY_AFTER_MS = 1000

/** Options of {@link createCoalescingReviewer}. */
export interface CoalescingReviewerOptions extends ReviewObservation, TokenHashing {
  /** Callers that may wait at once, whatever their tokens; default {@link DEFAULT_MAX_CALLERS}. */
  readonly maxCallers?: number | undefined
}

/** A reviewer that asks once for each token in flight; both numbers are gauges. */
export interface CoalescingReviewer extends TokenReviewer {
  /** Callers that wait now. */
  readonly callers: number
  /** Reviews that they wait for. */
  readonly inFlight: number
}

/**
 * Makes callers with the same token share one review while it is in flight; nothing is kept after it. Around a memory, so that
 * whoever comes as a review ends finds either the review or its answer.
 *
 * Trust: the verdict is the inner reviewer's, and may have been given while the caller's own request was still on its way. A
 * caller's abort is its own; the shared review is aborted when the last caller has gone. Tokens are compared by their
 * SHA-256. With `maxCallers` waiting, the next is refused with TOKEN_REVIEW_QUEUE_FULL.
 *
 * @throws RangeError when `maxCallers` is not a whole number from 1
 */
export function createCoalescingReviewer(
  inner: TokenReviewer,
  options: CoalescingReviewerOptions = {},
): CoalescingReviewer {
  const { maxCallers = DEFAULT_MAX_CALLERS, hash = hashToken } = options
  checkWhole('maxCallers', maxCallers, { from: 1, to: Number.MAX_SAFE_INTEGER })
  const flights = new Map<string, SharedPromise<ReviewedAccount>>()
  let callers = 0
  return Object.freeze({
    get callers() {
      return callers
    },
    get inFlight() {
      return flights.size
    },
    async review(token: string | Uint8Array, asked: ReviewOptions = {}): Promise<ReviewedAccount> {
      asked.signal?.throwIfAborted()
      const text = parseBearerToken(token)
      const tell = observe(options)
      const key = await hash(text)
      asked.signal?.throwIfAborted()
      if (callers >= maxCallers) {
        tell({ type: 'queue-full', waiting: callers, retryAfterMs: CALLERS_RETRY_AFTER_MS })
        throw queueFull(maxCallers, CALLERS_RETRY_AFTER_MS)
      }
      const found = flights.get(key)
      const flight = found ?? takeOff(flights, key, (signal) => inner.review(text, { ...asked, signal }))
      callers += 1
      try {
        return await flight.wait(asked.signal)
      } finally {
        callers -= 1
        if (found !== undefined) tell({ type: 'coalesced' })
      }
    },
  })
}

/** Begins a review of its own, which can be joined until it has an answer or nobody waits for one any more. */
function takeOff(
  flights: Map<string, SharedPromise<ReviewedAccount>>,
  key: string,
  review: (signal: AbortSignal) => Promise<ReviewedAccount>,
): SharedPromise<ReviewedAccount> {
  const abort = new AbortController()
  const land = (): void => {
    if (flights.get(key) === flight) flights.delete(key)
  }
  const answer = Promise.resolve()
    .then(() => review(abort.signal))
    .finally(land)
  const flight = new SharedPromise(answer, () => {
    land()
    abort.abort()
  })
  flights.set(key, flight)
  return flight
}
