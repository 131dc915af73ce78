import { setTimeout as delay } from 'node:timers/promises'

/** Options of {@link arrive}. */
export interface ArriveOptions {
  /** When each one comes, in milliseconds from the beginning, in ascending order. */
  readonly timesMs: readonly number[]
  /** Is called at its time, or as soon after it as this process gets to it; `dueMs` is that time of `performance.now()`. */
  readonly onArrival: (index: number, dueMs: number) => void
  readonly signal: AbortSignal
}

/**
 * Lets everybody come at their time, by the real clock, whatever became of those before: an open workload, as a fleet is.
 * A slow server meets as many of them as a fast one.
 */
export async function arrive({ timesMs, onArrival, signal }: ArriveOptions): Promise<void> {
  const begin = performance.now()
  let index = 0
  while (index < timesMs.length) {
    const now = performance.now() - begin
    let next = timesMs[index]
    while (next !== undefined && next <= now) {
      onArrival(index, begin + next)
      next = timesMs[++index]
    }
    if (next !== undefined) await delay(Math.max(0, next - now), undefined, { signal })
  }
}

/** Times of so many arrivals, spread over a window at random. */
export const spreadArrivals =
  (windowMs: number) =>
  (count: number, random: () => number): readonly number[] =>
    Array.from({ length: count }, () => random() * windowMs).toSorted((one, other) => one - other)

/** Times of so many arrivals, so many a second. */
export const steadyArrivals =
  (perSecond: number) =>
  (count: number): readonly number[] =>
    Array.from({ length: count }, (_, index) => (index * 1000) / perSecond)
