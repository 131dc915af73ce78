import { remainingTime } from '../remaining-time.ts'

const SECOND_MS = 1000

/** An instant for people: UTC, in whole seconds. */
export function instantText(instant: Date): string {
  return instant.toISOString().replace(/\.\d{3}Z$/, 'Z')
}

/** How far one instant is from another, whichever is first: `3 d 1 h`. */
export function distance(one: Date, other: Date): string {
  return remainingTime(Math.abs(one.getTime() - other.getTime()))
}

/** Dates as they stand with an instant: `expired 3 d ago`, `begins in 42 s`, `23 h left`. */
export function standing(notBefore: Date, notAfter: Date, now: Date): string {
  if (now < notBefore) return `begins in ${distance(notBefore, now)}`
  const isOver = now.getTime() >= notAfter.getTime() + SECOND_MS
  return isOver ? `expired ${distance(now, notAfter)} ago` : `${distance(notAfter, now)} left`
}
