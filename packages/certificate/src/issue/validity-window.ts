import { Certificate } from '../parse/certificate.ts'
import { checkValidity } from '../path/check-validity.ts'
import type { TrustAnchor } from '../path/trusted-key.ts'
import type { FoundPath } from '../path/verified-chain.ts'
import { describeCertificate, evidenceOf } from '../describe-certificate.ts'
import { CertificateError } from '../errors.ts'
import {
  DEFAULT_CLOCK_SKEW_MS,
  DEFAULT_MIN_REMAINING_MS,
  MAX_CLOCK_SKEW_MS,
  MAX_LIFETIME_MS,
  MIN_LIFETIME_MS,
} from '../limits.ts'

/** The instants between which a certificate is valid, both inclusive and on whole seconds. */
export interface ValidityWindow {
  readonly notBefore: Date
  readonly notAfter: Date
}

/** How long certificates live; all in milliseconds. */
export interface ValidityPolicy {
  readonly lifetimeMs: number
  readonly clockSkewMs: number
  readonly minRemainingMs: number
}

/** What may be said about how long certificates live. */
export interface ValidityOptions {
  /** From now to notAfter: {@link MIN_LIFETIME_MS} to {@link MAX_LIFETIME_MS}; cut to what the path above has left. */
  readonly lifetimeMs?: number | undefined
  /** From notBefore to now: 0 to {@link MAX_CLOCK_SKEW_MS}; {@link DEFAULT_CLOCK_SKEW_MS} by default. */
  readonly clockSkewMs?: number | undefined
  /** With less left of the path above, or of a lifetime if shorter, nothing is issued; {@link DEFAULT_MIN_REMAINING_MS} by default. */
  readonly minRemainingMs?: number | undefined
}

/**
 * Returns the options with their defaults if they can be kept: neither zero nor a negative number is replaced (Linkerd Q12).
 *
 * @throws CertificateError `CERT_LIFETIME_INVALID`
 */
export function validityPolicy(options: ValidityOptions, defaultLifetimeMs: number): ValidityPolicy {
  const { lifetimeMs = defaultLifetimeMs, clockSkewMs = DEFAULT_CLOCK_SKEW_MS } = options
  const { minRemainingMs = DEFAULT_MIN_REMAINING_MS } = options
  checkDuration('lifetimeMs', lifetimeMs, MIN_LIFETIME_MS, MAX_LIFETIME_MS)
  checkDuration('clockSkewMs', clockSkewMs, 0, MAX_CLOCK_SKEW_MS)
  checkDuration('minRemainingMs', minRemainingMs, 0, MAX_LIFETIME_MS)
  return Object.freeze({ lifetimeMs, clockSkewMs, minRemainingMs })
}

function checkDuration(name: string, value: number, min: number, max: number): void {
  if (Number.isFinite(value) && value >= min && value <= max) return
  const expected = `${min} to ${max} ms`
  throw new CertificateError('CERT_LIFETIME_INVALID', `${name}: expected ${expected}, found ${value}`, {
    detail: { option: name, expected, found: `${value}`, limit: max },
  })
}

/**
 * When a certificate issued now is valid: from `now - clockSkewMs` to `now + lifetimeMs`, rounded down to seconds and cut at both
 * ends to every certificate of the path above and to its anchor (Linkerd Q13, Q14). `now` counts in seconds too.
 *
 * A longer lifetime than the path has left is cut, until less is left than `minRemainingMs` (or than the lifetime, if that is
 * less): then nothing is issued, rather than leaves that live for seconds (Q15).
 *
 * @throws CertificateError `CERT_EXPIRED`, `CERT_NOT_YET_VALID`, `CERT_ANCHOR_EXPIRED`, `CERT_ANCHOR_NOT_YET_VALID`,
 *   `CERT_ISSUER_EXPIRING`
 * @throws RangeError for an invalid date
 */
export function validityWindow(now: Date, policy: ValidityPolicy, above?: FoundPath): ValidityWindow {
  const time = toSecond(now.getTime())
  if (!Number.isFinite(time)) throw new RangeError('now: expected a valid date, found an invalid one')
  let notBefore = toSecond(time - policy.clockSkewMs)
  let notAfter = toSecond(time + policy.lifetimeMs)
  const floor = Math.min(policy.minRemainingMs, policy.lifetimeMs)
  for (const link of linksOf(above)) {
    checkValidity(link, { now, role: link === above?.anchor ? 'anchor' : 'other' })
    const last = link.notAfter?.getTime() ?? Infinity
    if (last - time < floor) throw expiring(link, now, floor)
    notBefore = Math.max(notBefore, link.notBefore?.getTime() ?? -Infinity)
    notAfter = Math.min(notAfter, last)
  }
  return { notBefore: new Date(notBefore), notAfter: new Date(notAfter) }
}

function linksOf(above: FoundPath | undefined): readonly TrustAnchor[] {
  if (above === undefined) return []
  return above.anchor instanceof Certificate ? above.path : [...above.path, above.anchor]
}

function toSecond(time: number): number {
  return Math.floor(time / 1000) * 1000
}

function expiring(certificate: TrustAnchor, now: Date, limit: number): CertificateError {
  const notAfter = certificate.notAfter?.toISOString() ?? 'for ever'
  const found = (certificate.notAfter?.getTime() ?? Infinity) - now.getTime()
  return new CertificateError(
    'CERT_ISSUER_EXPIRING',
    `${describeCertificate(certificate)}: expected at least ${limit} ms before ${notAfter}, found ${found} ms`,
    { detail: { ...evidenceOf(certificate), notAfter, now: now.toISOString(), limit, found } },
  )
}
