import { setAlarm } from './alarm.ts'
import { checkValidity, copyValidity, scheduledDelayMs } from './check-validity.ts'
import { RefreshError } from './errors.ts'
import { Latest } from './latest.ts'
import { notify, type RefreshEvent } from './observer.ts'
import type { Refresher, RefresherOptions, RefreshState, RefreshStatus } from './refresher.ts'
import { renewWithin } from './renew-within.ts'
import { readRetryAfterMs, retryDelayMs } from './retry-delay.ts'
import type { Validity } from './schedule.ts'
import { fruitlessGainMs, type Holding, spacedDelayMs } from './spaced-delay.ts'
import { Waiters } from './waiters.ts'

type LoopOptions<T> = RefresherOptions<T> & Required<Pick<RefresherOptions<T>, 'renewTimeoutMs' | 'retry'>>

interface Held<T> extends Holding {
  readonly value: T
}

/** The loop behind `createRefresher`: at most one attempt in flight, one alarm for the next and one for the expiry. */
export class RefreshLoop<T> implements Refresher<T> {
  readonly #options: LoopOptions<T>
  readonly #latest = new Latest<T>()
  readonly #ready = new Waiters<T>()
  readonly #outcome = new Waiters<T>()
  readonly #closing = new AbortController()
  #held: Held<T> | undefined
  #state: RefreshState = 'waiting-for-first'
  #since: Date
  #failures = 0
  #lastError: unknown
  #nextAttemptAt: Date | undefined
  #inFlight: Promise<void> | undefined
  #cancelAttempt = (): void => {}
  #cancelExpiry = (): void => {}

  constructor(options: LoopOptions<T>) {
    this.#options = options
    this.#since = options.clock.now()
    this.#begin()
  }

  get current(): T | undefined {
    return this.#held?.value
  }

  ready(signal?: AbortSignal): Promise<T> {
    this.#settle()
    if (signal?.aborted !== true) {
      if (this.#closed) return Promise.reject(closedError())
      if (this.#held !== undefined && this.#state !== 'expired') return Promise.resolve(this.#held.value)
    }
    return this.#ready.wait(signal)
  }

  updates(): AsyncIterable<T> {
    return this.#latest.values()
  }

  refreshNow(signal?: AbortSignal): Promise<T> {
    if (this.#closed) return Promise.reject(closedError())
    const outcome = this.#outcome.wait(signal)
    outcome.catch(() => {}) // The observer hears of a failure; nobody must be crashed by it.
    if (signal?.aborted !== true) this.#begin()
    return outcome
  }

  status(): RefreshStatus {
    this.#settle()
    return Object.freeze({
      state: this.#state,
      since: new Date(this.#since),
      nextAttemptAt: this.#nextAttemptAt && new Date(this.#nextAttemptAt),
      attempt: this.#failures,
      lastError: this.#lastError,
      validity: this.#held && copyValidity(this.#held.validity),
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#closed) {
      const reason = closedError()
      this.#closing.abort(reason)
      this.#cancelAttempt()
      this.#cancelExpiry()
      this.#nextAttemptAt = undefined
      this.#settle()
      this.#latest.close()
      this.#ready.reject(reason)
      this.#outcome.reject(reason)
    }
    await this.#inFlight
  }

  get #closed(): boolean {
    return this.#closing.signal.aborted
  }

  #begin(): void {
    if (this.#inFlight !== undefined || this.#closed) return
    this.#cancelAttempt()
    this.#nextAttemptAt = undefined
    this.#inFlight = this.#attempt()
  }

  async #attempt(): Promise<void> {
    const { renew, clock, renewTimeoutMs } = this.#options
    try {
      const value = await renewWithin({ renew, clock, timeoutMs: renewTimeoutMs, closing: this.#closing.signal })
      if (!this.#closed) this.#adopt(value)
    } catch (error) {
      if (!this.#closed) this.#fail(error)
    }
  }

  #adopt(value: T): void {
    const { clock, validityOf, schedule, random } = this.#options
    const now = clock.now()
    const validity = checkValidity(validityOf(value), now)
    const scheduledMs = scheduledDelayMs(schedule, validity, now)
    const attempt = this.#failures + 1
    const gainMs = fruitlessGainMs(this.#held, validity, now)
    const remainingMs = validity.notAfter.getTime() - now.getTime()
    const delayMs = gainMs === undefined ? scheduledMs : spacedDelayMs({ scheduledMs, remainingMs, random })
    this.#held = { value, validity, adoptedAt: now }
    this.#failures = 0
    this.#lastError = undefined
    const nextAttemptAt = this.#plan(now, delayMs)
    this.#watchExpiry(validity)
    this.#settle()
    this.#latest.publish(value)
    this.#ready.resolve(value)
    this.#outcome.resolve(value)
    this.#notify({ type: 'renewed', validity: copyValidity(validity), attempt })
    if (gainMs !== undefined) this.#notify({ type: 'not-extended', validity: copyValidity(validity), gainMs })
    this.#notify({ type: 'scheduled', nextAttemptAt })
  }

  #fail(error: unknown): void {
    const { clock, random, retry, retryAfterMsOf } = this.#options
    const now = clock.now()
    const remainingMs = this.#held && this.#held.validity.notAfter.getTime() - now.getTime()
    this.#failures += 1
    this.#lastError = error
    const failed = {
      attempt: this.#failures,
      remainingMs,
      random,
      retryAfterMs: readRetryAfterMs(error, retryAfterMsOf),
    }
    const nextAttemptAt = this.#plan(now, retryDelayMs(failed, retry))
    this.#settle()
    this.#outcome.reject(error)
    this.#notify({ type: 'failed', error, attempt: this.#failures, nextAttemptAt })
  }

  /** Ends the attempt in flight, if any, and sets the alarm for the next. */
  #plan(now: Date, delayMs: number): Date {
    const at = new Date(now.getTime() + delayMs)
    this.#inFlight = undefined
    this.#nextAttemptAt = at
    this.#cancelAttempt = setAlarm(this.#options.clock, { at, afterMs: delayMs }, () => this.#begin())
    return new Date(at)
  }

  #watchExpiry({ notAfter }: Validity): void {
    this.#cancelExpiry()
    this.#cancelExpiry = setAlarm(this.#options.clock, { at: notAfter }, () => this.#settle())
  }

  /** Takes notice of the time: moves to the state that holds now, and tells of an expiry once. */
  #settle(): void {
    const now = this.#options.clock.now()
    const state = this.#stateAt(now)
    const previous = this.#state
    if (state === previous) return
    this.#state = state
    this.#since = now
    if (this.#held === undefined || this.#closed) return
    if (state === 'expired') {
      this.#since = this.#held.validity.notAfter
      this.#notify({ type: 'expired', expiredAt: new Date(this.#since) })
    } else if (previous === 'expired') {
      this.#watchExpiry(this.#held.validity) // The clock jumped back, or a new value came.
    }
  }

  #stateAt(now: Date): RefreshState {
    if (this.#closed) return 'closed'
    if (this.#held === undefined) return 'waiting-for-first'
    if (this.#held.validity.notAfter.getTime() <= now.getTime()) return 'expired'
    return this.#failures > 0 ? 'retrying' : 'fresh'
  }

  #notify(event: RefreshEvent): void {
    if (!this.#closed) notify(this.#options.observer, event)
  }
}

function closedError(): RefreshError {
  return new RefreshError('REFRESH_CLOSED', 'expected an open refresher, found one that was disposed')
}
