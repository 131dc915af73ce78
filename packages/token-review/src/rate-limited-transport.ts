import { checkRate, type Rate } from './allowance.ts'
import { TokenReviewError } from './errors.ts'
import type { KubernetesRequest, KubernetesResponse, KubernetesTransport } from './kubernetes-transport.ts'
import { checkWhole } from './option-range.ts'
import { observe, type ReviewObservation } from './review-observer.ts'
import { type BucketClock, TokenBucket } from './token-bucket.ts'

/** How many requests may wait for their turn unless told otherwise: ten seconds' worth at 100 a second. */
export const DEFAULT_MAX_QUEUE = 1000

/** The longest queue that can be asked for. */
export const MAX_QUEUE = 1_000_000

/** Options of {@link createRateLimitedTransport}. */
export interface RateLimitOptions extends Rate, ReviewObservation {
  /** Requests that may wait for their turn; {@link DEFAULT_MAX_QUEUE} by default, 0 to refuse instead of waiting. */
  readonly maxQueue?: number | undefined
  /** Usually `systemClock` of @meshid/refresh. Its timer runs only while a request waits. */
  readonly clock: BucketClock
}

/** A transport with a queue. */
export interface RateLimitedTransport extends KubernetesTransport {
  /** How many requests wait for their turn now: a gauge. */
  readonly waiting: number
}

/**
 * Makes a transport that spares the API server: at most `burst` requests at once and `qps` each second, in their order.
 *
 * A request that waits is not sent; it leaves the queue when its signal aborts, with `signal.reason` untouched. A request
 * that finds the queue full is refused with TOKEN_REVIEW_QUEUE_FULL, and `detail.retryAfterMs` says when to come again. The
 * observer is told of both, never of a request's content.
 *
 * @throws RangeError when `qps`, `burst` or `maxQueue` is out of range
 * @see client-go `util/flowcontrol`, whose token bucket Linkerd's controllers use (100 qps, burst 200)
 */
export function createRateLimitedTransport(
  transport: KubernetesTransport,
  options: RateLimitOptions,
): RateLimitedTransport {
  const { qps, burst, maxQueue = DEFAULT_MAX_QUEUE, clock } = options
  checkRate({ qps, burst })
  checkWhole('maxQueue', maxQueue, { from: 0, to: MAX_QUEUE })
  const bucket = new TokenBucket({ qps, burst, maxQueue, clock })
  return Object.freeze({
    get waiting() {
      return bucket.waiting
    },
    async request(request: KubernetesRequest): Promise<KubernetesResponse> {
      await takeTurn(bucket, request.signal, options)
      return transport.request(request)
    },
  })
}

async function takeTurn(
  bucket: TokenBucket,
  signal: AbortSignal | undefined,
  observation: ReviewObservation,
): Promise<void> {
  const tell = observe(observation)
  try {
    if ((await bucket.take(signal)) === 'waited') tell({ type: 'queued', waiting: bucket.waiting })
  } catch (error) {
    if (error instanceof TokenReviewError) {
      tell({ type: 'queue-full', waiting: bucket.waiting, retryAfterMs: error.detail.retryAfterMs ?? 0 })
    }
    throw error
  }
}
