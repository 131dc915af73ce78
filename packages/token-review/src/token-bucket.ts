import { Allowance, type Rate } from './allowance.ts'
import { queueFull } from './queue-full.ts'

/** The time and the timer that a bucket waits by; `systemClock` of @meshid/refresh fits. */
export interface BucketClock {
  now(): Date
  /** Calls `callback` once after about `delayMs`; gives a function that cancels it. */
  setTimer(delayMs: number, callback: () => void): () => void
}

/** Options of a token bucket, all checked by its maker. */
export interface TokenBucketOptions extends Rate {
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
  readonly #allowance: Allowance
  readonly #waiting = new Set<Waiter>()
  #cancelTimer: (() => void) | undefined

  constructor(options: TokenBucketOptions) {
    this.#options = options
    this.#allowance = new Allowance(options, options.clock.now())
  }

  /** How many wait for a token now. */
  get waiting(): number {
    return this.#waiting.size
  }

  /**
   * Waits for a token; says whether it had to wait.
   *
   * @throws TokenReviewError TOKEN_REVIEW_QUEUE_FULL when too many wait already; `signal.reason`, untouched
   */
  async take(signal: AbortSignal | undefined): Promise<'at once' | 'waited'> {
    signal?.throwIfAborted()
    const { maxQueue, clock } = this.#options
    if (this.#waiting.size === 0 && this.#allowance.take(clock.now())) return 'at once'
    if (this.#waiting.size >= maxQueue) throw queueFull(maxQueue, this.#untilEmptyMs())
    await this.#wait(signal)
    return 'waited'
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

  /** Keeps one timer, for whoever is first, and none when nobody waits. */
  #schedule(): void {
    if (this.#waiting.size === 0) {
      this.#cancelTimer?.()
      this.#cancelTimer = undefined
    } else {
      this.#cancelTimer ??= this.#options.clock.setTimer(this.#allowance.untilNextMs(), () => this.#release())
    }
  }

  #release(): void {
    this.#cancelTimer = undefined
    for (const waiter of this.#waiting) {
      if (!this.#allowance.take(this.#options.clock.now())) break
      this.#waiting.delete(waiter)
      waiter.proceed()
    }
    this.#schedule()
  }

  /** When everybody who waits now will have been served. */
  #untilEmptyMs(): number {
    const behindFirst = Math.max(0, this.#waiting.size - 1)
    return Math.ceil(this.#allowance.untilNextMs() + (behindFirst * 1000) / this.#options.qps)
  }
}
