import type { Clock } from '@meshid/refresh'

/** A clock that stands still until it is told to move; the same shape as the testkit's. */
export interface TestClock extends Clock {
  /** Moves wall clock and timers together, timer by timer, and lets promises settle after each. */
  advance(ms: number): Promise<void>
  /** Moves the wall clock only, as NTP does, or as a machine that slept. */
  jump(ms: number): void
  /** How many timers are set. */
  readonly timers: number
  /** The longest delay that was ever asked for. */
  readonly longestDelayMs: number
}

/** Lets promise chains run to their end: no timer, no sleep. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) await Promise.resolve()
}

export function createTestClock(start: Date): TestClock {
  const timers = new Set<{ readonly dueMs: number; readonly callback: () => void }>()
  let elapsedMs = 0
  let offsetMs = start.getTime()
  let longestDelayMs = 0
  return {
    now: () => new Date(offsetMs + elapsedMs),
    setTimer(delayMs, callback) {
      const timer = { dueMs: elapsedMs + delayMs, callback }
      longestDelayMs = Math.max(longestDelayMs, delayMs)
      timers.add(timer)
      return () => timers.delete(timer)
    },
    async advance(ms) {
      const endMs = elapsedMs + ms
      await settle()
      for (;;) {
        const due = [...timers].filter((timer) => timer.dueMs <= endMs).toSorted((a, b) => a.dueMs - b.dueMs)[0]
        if (due === undefined) break
        elapsedMs = due.dueMs
        timers.delete(due)
        due.callback()
        await settle()
      }
      elapsedMs = endMs
    },
    jump(ms) {
      offsetMs += ms
    },
    get timers() {
      return timers.size
    },
    get longestDelayMs() {
      return longestDelayMs
    },
  }
}
