import { RefreshLoop } from './refresh-loop.ts'
import type { Refresher, RefresherOptions } from './refresher.ts'
import { checkRetryOptions } from './retry-delay.ts'

/** How long one renewal may take unless told otherwise, 30 s. */
export const DEFAULT_RENEW_TIMEOUT_MS = 30_000

/**
 * Fetches a value at once and renews it before it expires, for as long as it is not disposed.
 *
 * The value itself is not checked beyond its dates: `renew` must return only what may be used. The first attempt is
 * retried like every other; expiry is a state and an event, never a crash. The wall clock may jump and the machine may
 * sleep: both are noticed within 60 s, and a clock that jumps back delays nothing.
 * @throws RangeError when the timeout or the retry options make no sense.
 */
export function createRefresher<T>(options: RefresherOptions<T>): Refresher<T> {
  const { renewTimeoutMs = DEFAULT_RENEW_TIMEOUT_MS, retry = {} } = options
  if (!(renewTimeoutMs > 0 && renewTimeoutMs < Infinity)) {
    throw new RangeError(`expected renewTimeoutMs above 0, found ${renewTimeoutMs}`)
  }
  return new RefreshLoop<T>({ ...options, renewTimeoutMs, retry: checkRetryOptions(retry) })
}
