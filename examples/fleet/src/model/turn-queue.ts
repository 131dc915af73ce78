/** How often something is done. */
export interface TurnRate {
  /** In the long run. */
  readonly perSecond: number
  /** At once, after a quiet while; from 1. */
  readonly burst: number
}

/** A token bucket with a queue of any length in front of it, as arithmetic: when is whose turn. */
export class TurnQueue {
  readonly #intervalMs: number
  readonly #toleranceMs: number
  #nextMs = -Infinity

  constructor({ perSecond, burst }: TurnRate) {
    this.#intervalMs = 1000 / perSecond
    this.#toleranceMs = this.#intervalMs * (burst - 1)
  }

  /** The turn of one that comes now; those who ask must come in the order of time. */
  turnAt(nowMs: number): number {
    const due = Math.max(this.#nextMs, nowMs)
    this.#nextMs = due + this.#intervalMs
    return Math.max(nowMs, due - this.#toleranceMs)
  }
}
