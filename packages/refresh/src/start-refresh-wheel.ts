import type { Clock } from './clock.ts'
import type { RefreshWheel } from './refresh-wheel.ts'

/** How many entries fire at once unless told otherwise: with a renewal of 100 µs each, 10 ms. */
export const DEFAULT_WHEEL_BATCH = 100

/** Options of {@link startRefreshWheel}. */
export interface StartRefreshWheelOptions {
  readonly clock: Clock
  /** Is called for each entry that is due; usually begins a renewal and schedules the entry again. What it throws goes to `onError`. */
  readonly onDue: (entry: number) => void
  readonly onError: (error: unknown, entry: number) => void
  /** The most entries that fire before timers and sockets get their turn. Default {@link DEFAULT_WHEEL_BATCH}. */
  readonly batch?: number
}

/**
 * Turns a wheel: looks at it once a tick, and fires what is due in batches with a pause for everybody else between them.
 *
 * Dispose of what it returns to stop; what is scheduled stays on the wheel.
 */
export function startRefreshWheel(wheel: RefreshWheel, options: StartRefreshWheelOptions): Disposable {
  const { clock, onDue, onError, batch = DEFAULT_WHEEL_BATCH } = options
  const turn = (): void => {
    for (const entry of wheel.takeDue(clock.now(), { limit: batch })) {
      try {
        onDue(entry)
      } catch (error) {
        onError(error, entry)
      }
    }
    if (!stopped) cancel = clock.setTimer(wheel.isBehind(clock.now()) ? 0 : wheel.tickMs, turn)
  }
  let stopped = false
  let cancel = clock.setTimer(0, turn)
  return {
    [Symbol.dispose]: () => {
      stopped = true
      cancel()
    },
  }
}
