/** What one failed attempt knows. */
export interface FailedAttempt {
  /** How many attempts in a row have failed, 1 or more. */
  readonly attempt: number
  /** How long the value in use stays valid: 0 or less once expired, `undefined` when there was none yet. */
  readonly remainingMs: number | undefined
  /** Uniform in [0, 1), for example `Math.random`; spreads the retries of a fleet and decides nothing else. */
  readonly random: () => number
  /** How long whoever refused asked to be left alone; up to {@link MAX_RETRY_AFTER_MS} of it is heard. */
  readonly retryAfterMs?: number | undefined
}

/** How retries back off. */
export interface RetryOptions {
  /** The shortest wait. Default 1 s. */
  readonly minMs?: number
  /** The longest wait. Default 60 s. */
  readonly maxMs?: number
  /** By how much the ceiling grows with each failure, 1 or more. Default 2. */
  readonly factor?: number
}

/** The shortest wait between two attempts, 1 s. */
export const DEFAULT_MIN_RETRY_MS = 1_000

/** The longest wait between two attempts, 60 s: after an outage, everyone is back within a minute. */
export const DEFAULT_MAX_RETRY_MS = 60_000

/** The most that is waited because the other side asked for it, 5 min: a wrong number must not end a credential. */
export const MAX_RETRY_AFTER_MS = 300_000

/** By how much the ceiling of the wait grows with each failure. */
export const DEFAULT_RETRY_FACTOR = 2

/**
 * How long to wait after a failed attempt: anywhere between the shortest wait and a ceiling that grows exponentially.
 *
 * While a value is in use the wait takes at most half of the time that it has left (or the shortest wait, if that is
 * longer) and never more than all of it: as the end comes near attempts come closer, and one falls on the end itself.
 * What the other side asked for is waited first, and the rest comes on top, so that those who were told the same do not
 * come back together; the limits by the time left hold for both together.
 *
 * Linkerd waits 70 % of what remains instead, five hours after the first failure of a 24 h certificate (Q35).
 * @throws RangeError when the options contradict each other, or when `attempt` is not a positive integer.
 */
export function retryDelayMs(failed: FailedAttempt, options: RetryOptions = {}): number {
  const { attempt, remainingMs, random, retryAfterMs = 0 } = failed
  const { minMs, maxMs, factor } = checkRetryOptions(options)
  if (!(Number.isSafeInteger(attempt) && attempt > 0)) throw new RangeError(`expected attempt >= 1, found ${attempt}`)
  const ceiling = Math.min(minMs * factor ** attempt, maxMs)
  const askedMs = retryAfterMs > 0 ? Math.min(retryAfterMs, MAX_RETRY_AFTER_MS) : 0
  const delayMs = askedMs + minMs + (ceiling - minMs) * unit(random)
  if (remainingMs === undefined || !(remainingMs > 0)) return delayMs
  return Math.min(delayMs, Math.max(remainingMs / 2, minMs), remainingMs)
}

/** Fills in the defaults and refuses what contradicts itself. */
export function checkRetryOptions(options: RetryOptions): Required<RetryOptions> {
  const { minMs = DEFAULT_MIN_RETRY_MS, maxMs = DEFAULT_MAX_RETRY_MS, factor = DEFAULT_RETRY_FACTOR } = options
  if (!(minMs > 0 && minMs <= maxMs && maxMs < Infinity)) {
    throw new RangeError(`expected 0 < minMs <= maxMs, found minMs ${minMs} and maxMs ${maxMs}`)
  }
  if (!(factor >= 1 && factor < Infinity)) throw new RangeError(`expected a factor of 1 or more, found ${factor}`)
  return { minMs, maxMs, factor }
}

/** A source that throws or leaves [0, 1) costs the longest wait, never a broken loop. */
export function unit(random: () => number): number {
  try {
    const share = random()
    return share >= 0 && share < 1 ? share : 1
  } catch {
    return 1
  }
}

/** What whoever refused asked for, as `retryAfterMsOf` reads it; a reader that throws has read nothing. */
export function readRetryAfterMs(
  error: unknown,
  retryAfterMsOf: ((error: unknown) => number | undefined) | undefined,
): number | undefined {
  try {
    return retryAfterMsOf?.(error)
  } catch {
    return undefined
  }
}
