import type { KubernetesRequest, KubernetesResponse, KubernetesTransport } from './kubernetes-transport.ts'
import { type BucketClock, TokenBucket } from './token-bucket.ts'

/** How many requests may wait for their turn unless told otherwise: ten seconds' worth at 100 a second. */
export const DEFAULT_MAX_QUEUE = 1000

/** The longest queue that can be asked for. */
export const MAX_QUEUE = 1_000_000

/** Options of {@link createRateLimitedTransport}. */
export interface RateLimitOptions {
  /** Requests that may go out each second in the long run; above 0, not necessarily whole. */
  readonly qps: number
  /** Requests that may go out at once after a quiet time; from 1. */
  readonly burst: number
  /** Requests that may wait for their turn; {@link DEFAULT_MAX_QUEUE} by default, 0 to refuse instead of waiting. */
  readonly maxQueue?: number | undefined
  /** Usually `systemClock` of @meshid/refresh. Its timer runs only while a request waits. */
  readonly clock: BucketClock
}

/**
 * Makes a transport that spares the API server: at most `burst` requests at once and `qps` each second, in their order.
 *
 * A request that waits is not sent; it leaves the queue when its signal aborts, with `signal.reason` untouched. A request
 * that finds the queue full is refused with TOKEN_REVIEW_QUEUE_FULL, and `detail.retryAfterMs` says when to come again.
 *
 * @throws RangeError when `qps`, `burst` or `maxQueue` is out of range
 * @see client-go `util/flowcontrol`, whose token bucket Linkerd's controllers use (100 qps, burst 200)
 */
export function createRateLimitedTransport(
  transport: KubernetesTransport,
  { qps, burst, maxQueue = DEFAULT_MAX_QUEUE, clock }: RateLimitOptions,
): KubernetesTransport {
  if (!(Number.isFinite(qps) && qps > 0)) throw new RangeError(`qps: expected a number above 0, found ${qps}`)
  checkWhole('burst', burst, { from: 1, to: Number.MAX_SAFE_INTEGER })
  checkWhole('maxQueue', maxQueue, { from: 0, to: MAX_QUEUE })
  const bucket = new TokenBucket({ qps, burst, maxQueue, clock })
  return Object.freeze({
    async request(request: KubernetesRequest): Promise<KubernetesResponse> {
      await bucket.take(request.signal)
      return transport.request(request)
    },
  })
}

function checkWhole(name: string, value: number, { from, to }: { readonly from: number; readonly to: number }): void {
  if (Number.isSafeInteger(value) && value >= from && value <= to) return
  throw new RangeError(`${name}: expected an integer from ${from} to ${to}, found ${value}`)
}
