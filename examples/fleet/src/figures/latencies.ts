/** Latencies of a run in figures. */
export interface LatencySummary {
  readonly count: number
  readonly meanMs: number
  readonly p50Ms: number
  readonly p90Ms: number
  readonly p99Ms: number
  readonly p999Ms: number
  readonly maxMs: number
}

/** All latencies of a run, each kept: percentiles are exact. */
export class Latencies {
  readonly #values: number[] = []

  add(milliseconds: number): void {
    this.#values.push(milliseconds)
  }

  get values(): readonly number[] {
    return this.#values
  }

  /** All zero when there are none. */
  summary(): LatencySummary {
    const sorted = Float64Array.from(this.#values).toSorted()
    // The nearest rank: the least value that as many values do not exceed.
    const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
    const sum = sorted.reduce((total, value) => total + value, 0)
    return {
      count: sorted.length,
      meanMs: sorted.length === 0 ? 0 : sum / sorted.length,
      p50Ms: at(0.5),
      p90Ms: at(0.9),
      p99Ms: at(0.99),
      p999Ms: at(0.999),
      maxMs: at(1),
    }
  }
}
