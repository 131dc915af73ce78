import type { Clock } from './clock.ts'

/** Options of {@link createSystemClock}. */
export interface SystemClockOptions {
  /** `foreground` timers keep a process alive; `background` timers do not, where the platform can tell (Node, Bun). */
  readonly timers: 'foreground' | 'background'
}

/** The longest delay of `setTimeout`, 2^31 - 1 ms; a longer one would fire at once. */
export const MAX_TIMER_MS = 2_147_483_647

/**
 * Makes a clock of the platform's `Date` and `setTimeout`.
 *
 * Its `setTimer` takes 0 to {@link MAX_TIMER_MS} milliseconds.
 * @throws RangeError from `setTimer` when the delay is outside that range.
 */
export function createSystemClock({ timers }: SystemClockOptions): Clock {
  return Object.freeze({
    now: () => new Date(),
    setTimer(delayMs: number, callback: () => void): () => void {
      if (!(delayMs >= 0 && delayMs <= MAX_TIMER_MS)) {
        throw new RangeError(`expected a delay of 0 to ${MAX_TIMER_MS} ms, found ${delayMs}`)
      }
      const timer = setTimeout(callback, delayMs)
      if (timers === 'background') releaseProcess(timer)
      return () => clearTimeout(timer)
    },
  })
}

/** The platform's clock, whose timers keep a process alive. */
export const systemClock: Clock = createSystemClock({ timers: 'foreground' })

/** A browser's timer is a number and holds no process; Node's and Bun's is an object that does until it is told not to. */
function releaseProcess(timer: unknown): void {
  if (typeof timer === 'object' && timer !== null && 'unref' in timer && typeof timer.unref === 'function')
    timer.unref()
}
