import { checkWhole } from './option-range.ts'

/** How often something may happen. */
export interface Rate {
  /** Times each second in the long run; above 0, not necessarily whole. */
  readonly qps: number
  /** Times at once after a quiet while; from 1. */
  readonly burst: number
}

/** @throws RangeError when `qps` or `burst` is out of range */
export function checkRate({ qps, burst }: Rate): void {
  if (!(Number.isFinite(qps) && qps > 0)) throw new RangeError(`qps: expected a number above 0, found ${qps}`)
  checkWhole('burst', burst, { from: 1, to: Number.MAX_SAFE_INTEGER })
}

/** What sums of milliseconds may be off by in floating point. */
const ROUNDING = 1e-9

/** What is left of a rate: full at first, one less for each time that is taken, `qps` more each second. */
export class Allowance {
  readonly #rate: Rate
  #left: number
  #filledAt: number

  constructor(rate: Rate, now: Date) {
    this.#rate = rate
    this.#left = rate.burst
    this.#filledAt = now.getTime()
  }

  /** Takes one, if there is one. A clock that goes back brings nothing; one that leaps forward fills it up at most. */
  take(now: Date): boolean {
    this.#fill(now)
    if (this.#left < 1 - ROUNDING) return false
    this.#left = Math.max(0, this.#left - 1)
    return true
  }

  /** How long until there is one again, counted from the last look at the clock; at least a millisecond. */
  untilNextMs(): number {
    return Math.max(1, Math.ceil(((1 - ROUNDING - this.#left) * 1000) / this.#rate.qps))
  }

  /** Whether it is as if nothing had ever been taken. */
  isFull(now: Date): boolean {
    this.#fill(now)
    return this.#left >= this.#rate.burst - ROUNDING
  }

  #fill(now: Date): void {
    const elapsedMs = Math.max(0, now.getTime() - this.#filledAt)
    this.#filledAt = now.getTime()
    this.#left = Math.min(this.#rate.burst, this.#left + (elapsedMs * this.#rate.qps) / 1000)
  }
}
