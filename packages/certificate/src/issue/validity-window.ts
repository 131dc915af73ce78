import type { Certificate } from '../parse/certificate.ts'
import { checkValidity } from '../path/check-validity.ts'
import { describeCertificate, evidenceOf } from '../describe-certificate.ts'
import { CertificateError } from '../errors.ts'

/** How long a workload's leaf lives unless told otherwise: Linkerd's 24 hours (ISS-1). */
export const DEFAULT_LIFETIME_MS: number = 24 * 3_600_000

/** How long a CA lives unless told otherwise: 8760 h, as in Linkerd's guide. */
export const DEFAULT_CA_LIFETIME_MS: number = 8760 * 3_600_000

/** How far notBefore lies in the past unless told otherwise, for peers whose clock is behind: 10 s (ISS-2). */
export const DEFAULT_CLOCK_SKEW_MS = 10_000

/** How much of its path's life an issuer must have left unless told otherwise, or a whole lifetime if that is less (Q15). */
export const DEFAULT_MIN_REMAINING_MS = 60_000

/** Shortest lifetime: X.509 counts in seconds (RFC 5280 section 4.1.2.5). */
export const MIN_LIFETIME_MS = 1000

/** Longest lifetime: 100 years, more than any root needs. */
export const MAX_LIFETIME_MS: number = 100 * 365 * 24 * 3_600_000

/** Largest clock skew that may be allowed for: a day. */
export const MAX_CLOCK_SKEW_MS: number = 24 * 3_600_000

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
 * ends to every certificate of `path`, which goes from the issuer to the trust anchor (Linkerd Q13, Q14). `now` counts in seconds too.
 *
 * A longer lifetime than the path has left is cut, until less is left than `minRemainingMs` (or than the lifetime, if that is
 * less): then nothing is issued, rather than leaves that live for seconds (Q15).
 *
 * @throws CertificateError `CERT_EXPIRED`, `CERT_NOT_YET_VALID`, `CERT_ANCHOR_EXPIRED`, `CERT_ANCHOR_NOT_YET_VALID`,
 *   `CERT_ISSUER_EXPIRING`
 * @throws RangeError for an invalid date
 */
export function validityWindow(now: Date, policy: ValidityPolicy, path: readonly Certificate[] = []): ValidityWindow {
  const time = toSecond(now.getTime())
  if (!Number.isFinite(time)) throw new RangeError('now: expected a valid date, found an invalid one')
  let notBefore = toSecond(time - policy.clockSkewMs)
  let notAfter = toSecond(time + policy.lifetimeMs)
  const floor = Math.min(policy.minRemainingMs, policy.lifetimeMs)
  for (const certificate of path) {
    checkValidity(certificate, { now, role: certificate === path.at(-1) ? 'anchor' : 'other' })
    const last = certificate.notAfter.getTime()
    if (last - time < floor) throw expiring(certificate, now, floor)
    notBefore = Math.max(notBefore, certificate.notBefore.getTime())
    notAfter = Math.min(notAfter, last)
  }
  return { notBefore: new Date(notBefore), notAfter: new Date(notAfter) }
}

function toSecond(time: number): number {
  return Math.floor(time / 1000) * 1000
}

function expiring(certificate: Certificate, now: Date, limit: number): CertificateError {
  const notAfter = certificate.notAfter.toISOString()
  const found = certificate.notAfter.getTime() - now.getTime()
  return new CertificateError(
    'CERT_ISSUER_EXPIRING',
    `${describeCertificate(certificate)}: expected at least ${limit} ms before ${notAfter}, found ${found} ms`,
    { detail: { ...evidenceOf(certificate), notAfter, now: now.toISOString(), limit, found } },
  )
}
