import {
  checkScheduleLimits,
  DEFAULT_MAX_REFRESH_MS,
  DEFAULT_REFRESH_FRACTION,
  type RefreshSchedule,
} from './schedule.ts'

/** Options of {@link linkerdSchedule}. */
export interface LinkerdScheduleOptions {
  /** The part of the remaining life to wait, between 0 and 1. Default 0.7. */
  readonly fraction?: number
  /** The shortest wait, and the wait once expired. Default 10 s. */
  readonly minMs?: number
  /** The longest wait. Default 24 h. */
  readonly maxMs?: number
}

/** Linkerd's `LINKERD2_PROXY_IDENTITY_MIN_REFRESH`, 10 s. */
export const LINKERD_MIN_REFRESH_MS = 10_000

/**
 * Linkerd's schedule: 70 % of what remains, between 10 s and 24 h, and 10 s once expired.
 *
 * It has no jitter, so a fleet that starts together renews together; see {@link spreadSchedule}.
 * @throws RangeError when the options contradict each other.
 * @see linkerd2-proxy `linkerd/proxy/identity-client/src/certify.rs`, `refresh_in`
 */
export function linkerdSchedule(options: LinkerdScheduleOptions = {}): RefreshSchedule {
  const {
    fraction = DEFAULT_REFRESH_FRACTION,
    minMs = LINKERD_MIN_REFRESH_MS,
    maxMs = DEFAULT_MAX_REFRESH_MS,
  } = options
  checkScheduleLimits({ fraction, minMs, maxMs })
  return ({ notAfter }, now) => {
    const remainingMs = notAfter.getTime() - now.getTime()
    if (remainingMs <= 0) return minMs
    return Math.min(Math.max(fraction * remainingMs, minMs), maxMs)
  }
}
