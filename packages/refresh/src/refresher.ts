import type { Clock } from './clock.ts'
import type { RefreshObserver } from './observer.ts'
import type { RetryOptions } from './retry-delay.ts'
import type { RefreshSchedule, Validity } from './schedule.ts'

/** Options of {@link createRefresher}. */
export interface RefresherOptions<T> {
  /**
   * Fetches a new value. The signal aborts at the deadline (its reason is a `RefreshError` `REFRESH_TIMEOUT`) and when
   * the refresher is disposed (`REFRESH_CLOSED`); what arrives after that is dropped.
   */
  readonly renew: (signal: AbortSignal) => Promise<T>
  /** From when until when a value may be used; may throw to refuse the value. */
  readonly validityOf: (value: T) => Validity
  /** When to renew; see `spreadSchedule` and `linkerdSchedule`. After a renewal that brought nothing it may be later. */
  readonly schedule: RefreshSchedule
  /** Usually `systemClock`. */
  readonly clock: Clock
  /** Uniform in [0, 1), usually `Math.random`; only spreads retries and fruitless renewals. */
  readonly random: () => number
  /** How retries back off. */
  readonly retry?: RetryOptions
  /** Reads from what `renew` threw how long to leave the other side alone, in milliseconds. What it throws is dropped. */
  readonly retryAfterMsOf?: (error: unknown) => number | undefined
  /** The deadline of one renewal. Default 30 s. */
  readonly renewTimeoutMs?: number
  /** Is told what happens; cannot break the loop. */
  readonly observer?: RefreshObserver
}

/** Where a refresher stands. */
export type RefreshState = 'waiting-for-first' | 'fresh' | 'retrying' | 'expired' | 'closed'

/** Where a refresher stands, since when, and when it tries next. */
export interface RefreshStatus {
  readonly state: RefreshState
  /** When this state began; for `expired`, the end of the value's validity. */
  readonly since: Date
  /** `undefined` while a renewal is in flight, and once closed. */
  readonly nextAttemptAt: Date | undefined
  /** How many attempts in a row have failed. */
  readonly attempt: number
  /** What the latest of them failed with. */
  readonly lastError: unknown
  /** That of the value in use. */
  readonly validity: Validity | undefined
}

/** A value that renews itself; see {@link createRefresher}. */
export interface Refresher<T> extends AsyncDisposable {
  /** The latest value, also after it expired (`status()` tells), or `undefined` before the first. */
  readonly current: T | undefined
  /**
   * The value in use, or the next one when there is none or it has expired.
   * @throws RefreshError `REFRESH_CLOSED`; `signal.reason` when the signal aborts.
   */
  ready(signal?: AbortSignal): Promise<T>
  /** The value in use, if any, and then each new one; whoever is slow gets only the latest. Ends when disposed. */
  updates(): AsyncIterable<T>
  /**
   * Renews now, or joins the renewal in flight. Ignoring the promise is safe; aborting the signal only ends the wait.
   * @throws RefreshError `REFRESH_CLOSED`, or whatever the attempt failed with; `signal.reason` when the signal aborts.
   */
  refreshNow(signal?: AbortSignal): Promise<T>
  status(): RefreshStatus
  /** Aborts the renewal in flight, cancels every timer, ends every iteration. */
  [Symbol.asyncDispose](): Promise<void>
}
