import { setTimeout as delay } from 'node:timers/promises'

/** Options of {@link arrive}. */
export interface ArriveOptions {
  /** When each one comes, in milliseconds from the beginning, in ascending order. */
  readonly timesMs: readonly number[]
  /** Is called at its time, or as soon after it as this process gets to it. */
  readonly onArrival: (index: number, dueMs: number) => void
  readonly signal: AbortSignal
}

/**
 * Lets everybody come at their time, by the real clock. Those who wait for nobody: a slow server does not slow down who comes
 * after, which is what an open workload is.
 */
export async function arrive({ timesMs, onArrival, signal }: ArriveOptions): Promise<void> {
  const begin = performance.now()
  for (let index = 0; index < timesMs.length;) {
    const now = performance.now() - begin
    for (; index < timesMs.length && (timesMs[index] ?? 0) <= now; index++)
      onArrival(index, begin + (timesMs[index] ?? 0))
    const next = timesMs[index]
    if (next !== undefined) await delay(Math.max(0, next - now), undefined, { signal })
  }
}

/** Times of so many arrivals, spread over a window at random. */
export function spreadArrivals(count: number, windowMs: number, random: () => number): readonly number[] {
  return Array.from({ length: count }, () => random() * windowMs).toSorted((one, other) => one - other)
}
