import type { BucketClock } from '@meshid/token-review'

/** A clock that stands still until it is told to go on. */
export interface FakeClock extends BucketClock {
  /** Goes on, and calls each timer that is due at its time. */
  advance(ms: number): Promise<void>
  /** Sets the wall clock, as an operator may; timers do not notice. */
  jump(ms: number): void
  readonly timers: number
}

/** A new clock, at some time of its own. */
export function fakeClock(): FakeClock {
  let wallMs = Date.UTC(2026, 10, 21)
  let elapsedMs = 0
  const timers = new Map<() => void, number>()
  const due = (until: number): [() => void, number] | undefined =>
    [...timers].filter(([, at]) => at <= until).toSorted(([, a], [, b]) => a - b)[0]
  const goTo = (at: number): void => {
    wallMs += at - elapsedMs
    elapsedMs = at
  }
  return {
    now: () => new Date(wallMs),
    setTimer(delayMs, callback) {
      const timer = () => callback()
      timers.set(timer, elapsedMs + delayMs)
      return () => void timers.delete(timer)
    },
    async advance(ms) {
      const until = elapsedMs + ms
      for (let next = due(until); next !== undefined; next = due(until)) {
        const [timer, at] = next
        timers.delete(timer)
        goTo(at)
        timer()
      }
      goTo(until)
      await new Promise<void>((resolve) => queueMicrotask(resolve))
      await Promise.resolve()
    },
    jump: (ms) => void (wallMs += ms),
    get timers() {
      return timers.size
    },
  }
}
