/** Buckets for each factor of e: percentiles are right within 1 %. */
const STEPS = 100

/** The shortest time that is told from 0. */
const LEAST_MS = 0.01

/** Times of millions, in a few thousand numbers. */
export class LogHistogram {
  readonly #counts = new Float64Array(STEPS * 32)
  #size = 0
  #maxMs = 0

  get maxMs(): number {
    return this.#maxMs
  }

  add(ms: number): void {
    const bucket = Math.min(this.#counts.length - 1, Math.floor(Math.log(Math.max(ms, LEAST_MS) / LEAST_MS) * STEPS))
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1
    this.#size++
    if (ms > this.#maxMs) this.#maxMs = ms
  }

  /** The time that a share of all do not exceed; 0 when there are none. */
  percentileMs(share: number): number {
    const wanted = Math.ceil(share * this.#size)
    let seen = 0
    for (const [bucket, count] of this.#counts.entries()) {
      seen += count
      if (seen >= wanted && seen > 0) return Math.min(this.#maxMs, LEAST_MS * Math.exp((bucket + 1) / STEPS))
    }
    return 0
  }
}
