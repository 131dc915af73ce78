import { TokenReviewError } from './errors.ts'

/** The time and the timer that a bucket waits by; `systemClock` of @meshid/refresh fits. */
export interface BucketClock {
  now(): Date
  /** Calls `callback` once after about `delayMs`; gives a function that cancels it. */
  setTimer(delayMs: number, callback: () => void): () => void
}

/** Options of a token bucket, all checked by its maker. */
export interface TokenBucketOptions {
  /** Tokens that come in each second. */
  readonly qps: number
  /** Tokens that the bucket holds when it is full, as it is at first. */
  readonly burst: number
  /** How many may wait for a token at once. */
  readonly maxQueue: number
  readonly clock: BucketClock
}

interface Waiter {
  readonly proceed: () => void
}

/** Hands out a token at once while there are some, then `qps` of them each second, first come, first served. */
export class TokenBucket {
  readonly #options: TokenBucketOptions
  readonly #waiting = new Set<Waiter>()
  #tokens: number
  #filledAt: number
  #cancelTimer: (() => void) | undefined

  constructor(options: TokenBucketOptions) {
    this.#options = options
    this.#tokens = options.burst
    this.#filledAt = options.clock.now().getTime()
  }

  /**
   * Waits for a token.
   *
   * @throws TokenReviewError TOKEN_REVIEW_QUEUE_FULL when too many wait already; `signal.reason`, untouched
   */
  async take(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted()
    this.#fill()
    if (this.#waiting.size === 0 && this.#tokens >= 1) {
      this.#tokens -= 1
      return
    }
    if (this.#waiting.size >= this.#options.maxQueue) throw this.#full()
    await this.#wait(signal)
  }

  #wait(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiting.delete(waiter)
        this.#schedule()
        reject(signal?.reason)
      }
      const proceed = (): void => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      }
      const waiter: Waiter = { proceed }
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#waiting.add(waiter)
      this.#schedule()
    })
  }

  /** A clock that goes back brings nothing; one that leaps forward fills the bucket at most. */
  #fill(): void {
    const { clock, qps, burst } = this.#options
    const now = clock.now().getTime()
    const elapsedMs = Math.max(0, now - this.#filledAt)
    this.#filledAt = now
    this.#tokens = Math.min(burst, this.#tokens + (elapsedMs * qps) / 1000)
  }

  /** Keeps one timer, for whoever is first, and none when nobody waits. */
  #schedule(): void {
    if (this.#waiting.size === 0) {
      this.#cancelTimer?.()
      this.#cancelTimer = undefined
    } else {
      this.#cancelTimer ??= this.#options.clock.setTimer(this.#untilToken(), () => this.#release())
    }
  }

  #untilToken(): number {
    return Math.max(1, Math.ceil(((1 - this.#tokens) * 1000) / this.#options.qps))
  }

  #release(): void {
    this.#cancelTimer = undefined
    this.#fill()
    for (const waiter of this.#waiting) {
      if (this.#tokens < 1) break
      this.#tokens -= 1
      this.#waiting.delete(waiter)
      waiter.proceed()
    }
    this.#schedule()
  }

  #full(): TokenReviewError {
    const { maxQueue: limit, qps } = this.#options
    const retryAfterMs = Math.ceil((limit * 1000) / qps)
    const message = `API server: expected at most ${limit} requests of this process to wait their turn, found more`
    const detail = { expected: `at most ${limit} waiting`, found: 'more', limit, retryAfterMs }
    return new TokenReviewError('TOKEN_REVIEW_QUEUE_FULL', message, { detail })
  }
}
