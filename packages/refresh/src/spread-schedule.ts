import {
  checkScheduleLimits,
  DEFAULT_MAX_REFRESH_MS,
  DEFAULT_REFRESH_FRACTION,
  type RefreshSchedule,
} from './schedule.ts'

/** Options of {@link spreadSchedule}. */
export interface SpreadScheduleOptions {
  /**
   * What tells this holder from the others, for example its SPIFFE ID and its pod's name. The same seed and validity
   * always give the same instant. It is not a secret and needs no randomness.
   */
  readonly seed: string
  /** The part of the whole life after which to renew, on average. Default 0.7. */
  readonly fraction?: number
  /** How far the instant may lie to either side, as a part of the whole life. Default 0.1: 60 to 80 % of the life. */
  readonly jitter?: number
  /** The shortest wait, also when the instant has passed. Default 1 s. */
  readonly minMs?: number
  /** The longest wait. Default 24 h. */
  readonly maxMs?: number
}

/** How far {@link spreadSchedule} moves the instant to either side, as a part of the whole life. */
export const DEFAULT_REFRESH_JITTER = 0.1

/** The shortest wait of {@link spreadSchedule}, 1 s: a server that hands out old values again must not be hammered. */
export const SPREAD_MIN_REFRESH_MS = 1_000

/**
 * The default schedule: a part of the whole life, moved by a jitter that depends on who asks and which value it holds.
 *
 * A fleet that was started or renewed together drifts apart, and yet each holder's instant can be computed beforehand.
 * Holders that share an identity (replicas of one service account) need different seeds, such as the pod's name.
 * @throws RangeError when the options contradict each other.
 */
export function spreadSchedule(options: SpreadScheduleOptions): RefreshSchedule {
  const { seed, fraction = DEFAULT_REFRESH_FRACTION, jitter = DEFAULT_REFRESH_JITTER } = options
  const { minMs = SPREAD_MIN_REFRESH_MS, maxMs = DEFAULT_MAX_REFRESH_MS } = options
  checkScheduleLimits({ fraction, minMs, maxMs })
  if (!(jitter >= 0 && fraction - jitter > 0 && fraction + jitter < 1)) {
    throw new RangeError(`expected fraction ± jitter between 0 and 1, found ${fraction} ± ${jitter}`)
  }
  return ({ notBefore, notAfter }, now) => {
    const start = notBefore.getTime()
    const share = fraction + jitter * (2 * hashToUnit(`${seed}\n${start}`) - 1)
    const renewAt = start + share * (notAfter.getTime() - start)
    return Math.min(Math.max(renewAt - now.getTime(), minMs), maxMs)
  }
}

/** FNV-1a over the code units with MurmurHash3's finisher, as a number in [0, 1): evenly spread, not cryptographic. */
function hashToUnit(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}
