import { monotonicMs } from '../system-clock.ts'

/** A number of things at once, and so many more a second. */
export interface AllowanceRate {
  readonly burst: number
  readonly perSecond: number
}

/** Counts what a peer may do only so often. */
export class Allowance {
  readonly #rate: AllowanceRate
  #left: number
  #filledAtMs = monotonicMs()

  constructor(rate: AllowanceRate) {
    this.#rate = rate
    this.#left = rate.burst
  }

  /** Counts one more; false when it is one too many. */
  take(): boolean {
    const nowMs = monotonicMs()
    const { burst, perSecond } = this.#rate
    this.#left = Math.min(burst, this.#left + ((nowMs - this.#filledAtMs) / 1000) * perSecond)
    this.#filledAtMs = nowMs
    if (this.#left < 1) return false
    this.#left -= 1
    return true
  }
}
