import { unit } from './retry-delay.ts'
import type { Validity } from './schedule.ts'

/** What is known of a renewal that brought no longer life. */
export interface FruitlessRenewal {
  /** What the schedule would wait. */
  readonly scheduledMs: number
  /** How long the value stays valid. */
  readonly remainingMs: number
  /** Uniform in [0, 1), for example `Math.random`; draws the holders of a fleet apart. */
  readonly random: () => number
}

/** The least that is waited after a renewal that brought no longer life, 5 min, while that leaves half of what remains. */
export const FRUITLESS_SPACING_MS = 300_000

/**
 * The last part of a life in which nobody asks again in vain, 60 s: an issuer of this project signs nothing in its own
 * last minute. It is also how far the holders are drawn apart after the end.
 */
export const FINAL_QUIET_MS = 60_000

/** A renewal is fruitless when it puts the end off by less than this part of the time since the one before. */
export const LEAST_GAIN_FRACTION = 0.1

/** Certificates tell the time in whole seconds, so what follows sooner than this says nothing about its gain. */
const LEAST_ELAPSED_MS = 2_000

/** What is in use, and since when. */
export interface Holding {
  readonly validity: Validity
  readonly adoptedAt: Date
}

/**
 * By how much the next value ends later than the one in use, in milliseconds, if that is hardly worth the call: the issuer
 * itself is about to end and cuts every value to its own end, or it gives the same value again. Otherwise `undefined`, also
 * for a value that lives as long as the one in use did when it came: then only the clock was set back.
 */
export function fruitlessGainMs(held: Holding | undefined, next: Validity, now: Date): number | undefined {
  if (held === undefined) return undefined
  const { adoptedAt, validity: previous } = held
  const gainMs = next.notAfter.getTime() - previous.notAfter.getTime()
  const elapsedMs = now.getTime() - adoptedAt.getTime()
  if (elapsedMs < LEAST_ELAPSED_MS) return undefined
  const livesAsLong = next.notAfter.getTime() - now.getTime() >= previous.notAfter.getTime() - adoptedAt.getTime()
  return livesAsLong || gainMs >= LEAST_GAIN_FRACTION * elapsedMs ? undefined : gainMs
}

/**
 * How long to wait after a renewal that brought no longer life: as long as the schedule says at least, and then anywhere
 * up to the last minute; when no such instant is left, until some instant of the minute after the end.
 *
 * A schedule that waits a part of what remains, as both of this package do, converges on the issuer's end: without this
 * all holders ask again and again, and all at once, just before nobody can be served (Q15).
 */
export function spacedDelayMs({ scheduledMs, remainingMs, random }: FruitlessRenewal): number {
  const first = Math.max(scheduledMs, Math.min(FRUITLESS_SPACING_MS, remainingMs / 2))
  const last = remainingMs - FINAL_QUIET_MS
  if (first < last) return first + (last - first) * unit(random)
  return Math.max(scheduledMs, remainingMs + FINAL_QUIET_MS * unit(random))
}
