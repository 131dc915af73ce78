import { RefreshError } from './errors.ts'
import type { RefreshSchedule, Validity } from './schedule.ts'

/**
 * Copies the validity of a value that has just arrived.
 * @throws RefreshError `REFRESH_VALIDITY_INVALID` or `REFRESH_ALREADY_EXPIRED`.
 */
export function checkValidity({ notBefore, notAfter }: Validity, now: Date): Validity {
  if (!(notBefore.getTime() < notAfter.getTime())) {
    throw new RefreshError('REFRESH_VALIDITY_INVALID', 'expected notBefore before notAfter, found otherwise', {
      detail: { expected: 'notBefore < notAfter', found: `${dateText(notBefore)} to ${dateText(notAfter)}` },
    })
  }
  if (notAfter.getTime() <= now.getTime()) {
    throw new RefreshError(
      'REFRESH_ALREADY_EXPIRED',
      `expected a value that ends after ${dateText(now)}, found one that ended at ${dateText(notAfter)}`,
      { detail: { expected: `after ${dateText(now)}`, found: dateText(notAfter) } },
    )
  }
  return copyValidity({ notBefore, notAfter })
}

/**
 * Asks the schedule for the next delay, in milliseconds.
 * @throws RefreshError `REFRESH_SCHEDULE_INVALID`, also when the schedule throws.
 */
export function scheduledDelayMs(schedule: RefreshSchedule, validity: Validity, now: Date): number {
  let delayMs: number
  try {
    delayMs = schedule(validity, now)
  } catch (cause) {
    throw new RefreshError('REFRESH_SCHEDULE_INVALID', 'expected a delay, found an exception', { cause })
  }
  if (delayMs >= 0 && !Number.isNaN(new Date(now.getTime() + delayMs).getTime())) return delayMs
  throw new RefreshError('REFRESH_SCHEDULE_INVALID', `expected a delay of 0 ms or more, found ${delayMs}`, {
    detail: { expected: '0 ms or more, up to a real date', found: String(delayMs) },
  })
}

/** Dates are mutable: what enters and what leaves is a copy. */
export function copyValidity({ notBefore, notAfter }: Validity): Validity {
  return Object.freeze({ notBefore: new Date(notBefore), notAfter: new Date(notAfter) })
}

function dateText(date: Date): string {
  return Number.isNaN(date.getTime()) ? 'no date' : date.toISOString()
}
