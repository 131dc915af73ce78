import { DEFAULT_CLOCK_SKEW_MS } from '@meshid/certificate'

/** How far the own clock may be behind the issuer's until it is told, in milliseconds; half of what issuers allow for. */
export const SKEW_TOLERANCE_BEHIND_MS = 5000

/** How far it may be ahead: more, because some issuers set notBefore further back than others. In milliseconds. */
export const SKEW_TOLERANCE_AHEAD_MS = 60_000

/** How the own clock differs from that of an issuer. */
export interface ClockSkew {
  /** The own clock less the issuer's, in milliseconds: negative when the own one is behind. */
  readonly differenceMs: number
  /** How much further behind it may fall until certificates are "not yet valid" here; negative when they are already. */
  readonly marginMs: number
}

/** Options of {@link probeClockSkew}. */
export interface ProbeClockSkewOptions {
  readonly now: Date
  /**
   * `just-issued` for an answer of the identity service; `unknown` for a certificate of a peer, which can only show that the
   * own clock is behind: by the difference or more.
   */
  readonly age: 'just-issued' | 'unknown'
  /** The certificate above the leaf: a leaf that begins together with it says nothing, because it may not begin earlier. */
  readonly issuer?: { readonly notBefore: Date } | undefined
  /** How far the issuer sets notBefore back. Default 10 s (`DEFAULT_CLOCK_SKEW_MS`), as SPIRE and this project have it. */
  readonly backdatedMs?: number
}

/**
 * Measures by a leaf how far the own clock is from the issuer's, and says so if that is more than the tolerance
 * ({@link SKEW_TOLERANCE_BEHIND_MS}, {@link SKEW_TOLERANCE_AHEAD_MS}): while certificates still verify, so that somebody can
 * set the clock. Exact to a second and the time that the leaf was on its way. Whether the leaf is genuine is not looked at.
 */
export function probeClockSkew(
  leaf: { readonly notBefore: Date },
  { now, age, issuer, backdatedMs = DEFAULT_CLOCK_SKEW_MS }: ProbeClockSkewOptions,
): ClockSkew | undefined {
  if (issuer !== undefined && leaf.notBefore <= issuer.notBefore) return undefined
  const marginMs = now.getTime() - leaf.notBefore.getTime()
  const differenceMs = marginMs - backdatedMs
  const isBehind = differenceMs < -SKEW_TOLERANCE_BEHIND_MS
  const isAhead = age === 'just-issued' && differenceMs > SKEW_TOLERANCE_AHEAD_MS
  return isBehind || isAhead ? Object.freeze({ differenceMs, marginMs }) : undefined
}
