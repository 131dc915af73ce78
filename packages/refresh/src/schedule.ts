/** From when until when a value may be used. */
export interface Validity {
  readonly notBefore: Date
  readonly notAfter: Date
}

/** How many milliseconds after `now` a value of this validity should be renewed: 0 or more. Pure: no clock, no randomness. */
export type RefreshSchedule = (validity: Validity, now: Date) => number

/** The part of the life after which both schedules renew, as Linkerd's proxy does (`certify.rs`: 7/10). */
export const DEFAULT_REFRESH_FRACTION = 0.7

/** The longest that both schedules wait, 24 h: Linkerd's `LINKERD2_PROXY_IDENTITY_MAX_REFRESH`. */
export const DEFAULT_MAX_REFRESH_MS = 86_400_000

/** Refuses limits that no schedule can keep. */
export function checkScheduleLimits(limits: { fraction: number; minMs: number; maxMs: number }): void {
  const { fraction, minMs, maxMs } = limits
  if (!(fraction > 0 && fraction < 1)) throw new RangeError(`expected a fraction between 0 and 1, found ${fraction}`)
  if (!(minMs > 0 && minMs <= maxMs && maxMs < Infinity)) {
    throw new RangeError(`expected 0 < minMs <= maxMs, found minMs ${minMs} and maxMs ${maxMs}`)
  }
}
