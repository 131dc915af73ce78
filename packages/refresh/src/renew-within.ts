import { setAlarm } from './alarm.ts'
import type { Clock } from './clock.ts'
import { RefreshError } from './errors.ts'

/** One attempt: what to call, how long it may take, and who may end it. */
export interface RenewalAttempt<T> {
  readonly renew: (signal: AbortSignal) => Promise<T>
  readonly clock: Clock
  readonly timeoutMs: number
  /** Ends the attempt with its own reason. */
  readonly closing: AbortSignal
}

/**
 * Calls `renew` once and never waits for it beyond the deadline, even when it ignores its signal (Q37).
 *
 * The deadline is counted by timers, so a jump of the wall clock does not end an attempt.
 * @throws RefreshError `REFRESH_TIMEOUT` at the deadline; the reason of `closing`; or what `renew` throws.
 */
export async function renewWithin<T>({ renew, clock, timeoutMs, closing }: RenewalAttempt<T>): Promise<T> {
  const ending = new AbortController()
  const { signal } = ending
  const close = () => ending.abort(closing.reason)
  const ended = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason))
  })
  const cancelDeadline = setAlarm(clock, { afterMs: timeoutMs }, () => ending.abort(timeoutError(timeoutMs)))
  closing.addEventListener('abort', close)
  try {
    return await Promise.race([ended, Promise.resolve(signal).then(renew)])
  } catch (error) {
    throw signal.aborted ? signal.reason : error
  } finally {
    cancelDeadline()
    closing.removeEventListener('abort', close)
  }
}

function timeoutError(timeoutMs: number): RefreshError {
  return new RefreshError(
    'REFRESH_TIMEOUT',
    `expected the renewal to end within ${timeoutMs} ms, found it still running`,
    {
      detail: { limit: timeoutMs },
    },
  )
}
