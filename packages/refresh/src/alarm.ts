import type { Clock } from './clock.ts'

/** When an alarm rings: at what comes first of the two that are given. */
export interface AlarmTimes {
  /** By the wall clock. */
  readonly at?: Date
  /** By the timers' own time, which neither jumps nor counts while the machine sleeps. */
  readonly afterMs?: number
}

/** The longest single sleep, 60 s: so long can a jump of the wall clock go unnoticed, and no `setTimeout` overflows. */
export const MAX_SLEEP_SLICE_MS = 60_000

/**
 * Calls `ring` once, never before this call returns; gives a function that cancels it.
 *
 * A wall clock that jumps forward, or a machine that slept, is noticed within {@link MAX_SLEEP_SLICE_MS}. With both
 * times given, a wall clock that jumps back cannot put the alarm off.
 */
export function setAlarm(clock: Clock, { at, afterMs = Infinity }: AlarmTimes, ring: () => void): () => void {
  let sleptMs = 0
  const leftMs = () => Math.min(afterMs - sleptMs, at === undefined ? Infinity : at.getTime() - clock.now().getTime())
  const sleep = (): (() => void) => {
    const sliceMs = Math.min(Math.max(leftMs(), 0), MAX_SLEEP_SLICE_MS)
    return clock.setTimer(sliceMs, () => {
      sleptMs += sliceMs
      if (leftMs() > 0) cancel = sleep()
      else ring()
    })
  }
  let cancel = sleep()
  return () => cancel()
}
