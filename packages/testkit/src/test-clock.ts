/** A clock that stands still until a test moves it; fits the `Clock` of @meshid/refresh. */
export interface TestClock {
  now(): Date
  /** Calls back once, when the clock has been moved that far; the result cancels it. */
  setTimer(delayMs: number, callback: () => void): () => void
  /** Moves the clock, firing what falls due in order of time, and lets the promises of each firing settle before the next. */
  advance(ms: number): Promise<void>
  /** Sets the time at once, as when somebody corrects the clock of a machine; nothing fires, waiting timers keep their delays. */
  jump(to: Date): void
  /** How many timers wait. */
  readonly pending: number
}

interface Timer {
  readonly dueMs: number
  readonly callback: () => void
}

/** Makes a clock that begins at `start`. */
export function createTestClock(start: Date): TestClock {
  let elapsedMs = 0
  let originMs = start.getTime()
  const timers = new Set<Timer>()

  const nextDue = (untilMs: number): Timer | undefined => {
    let next: Timer | undefined
    for (const timer of timers) {
      if (timer.dueMs <= untilMs && (next === undefined || timer.dueMs < next.dueMs)) next = timer
    }
    return next
  }

  return {
    now: () => new Date(originMs + elapsedMs),
    setTimer(delayMs, callback) {
      const timer = { dueMs: elapsedMs + Math.max(0, delayMs), callback }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    async advance(ms) {
      if (!(ms >= 0)) throw new RangeError(`advance: expected a duration of 0 or more, found ${ms}`)
      const untilMs = elapsedMs + ms
      await settle()
      for (let timer = nextDue(untilMs); timer !== undefined; timer = nextDue(untilMs)) {
        timers.delete(timer)
        elapsedMs = timer.dueMs
        timer.callback()
        await settle()
      }
      elapsedMs = untilMs
    },
    jump(to) {
      originMs = to.getTime() - elapsedMs
    },
    get pending() {
      return timers.size
    },
  }
}

/** One turn of the event loop: every promise that can settle without the world outside has settled after it. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
