import { describeCertificate, evidenceOf } from '../describe-certificate.ts'
import { CertificateError } from '../errors.ts'
import type { Certificate } from '../parse/certificate.ts'
import type { PathLink, PathSearch } from './path-check.ts'

/**
 * Checks that a CA allows the CAs below it, and that the path does not grow longer than its limit. Self-issued CAs do
 * not count; an issuer that is asked about does count against the CAs above it, because it will have workloads below it.
 *
 * @throws CertificateError CERT_PATH_LENGTH_EXCEEDED
 * @see RFC 5280 sections 6.1.2 (k) and 6.1.4 (l) and (m)
 */
export function checkPathLength({ subject, role, below }: PathLink, { purpose, limits }: PathSearch): void {
  const intermediates = countAuthorities(below, 1)
  const found = purpose === 'issuer' ? countAuthorities(below, 0) : intermediates
  const limit = subject.basicConstraints?.pathLength
  if (limit !== undefined && found > limit) throw exceeded(subject, limit, found)
  const length = role === 'anchor' ? intermediates : intermediates + Number(!isSelfIssued(subject))
  if (length <= limits.maxIntermediates) return
  throw new CertificateError(
    'CERT_PATH_LENGTH_EXCEEDED',
    `${describeCertificate(subject)}: expected at most ${limits.maxIntermediates} intermediates, found ${length}`,
    { detail: { ...evidenceOf(subject), limit: limits.maxIntermediates, found: length } },
  )
}

/** How many certificates, from an index on, are not self-issued. */
export function countAuthorities(path: readonly Certificate[], from: number): number {
  let count = 0
  for (let at = from; at < path.length; at++) if (!isSelfIssued(path[at] as Certificate)) count++
  return count
}

/** Whether a certificate has the same name as subject and issuer, as in a key rollover; not whether it signed itself. */
export function isSelfIssued({ subject, issuer }: Certificate): boolean {
  return subject.equals(issuer)
}

function exceeded(subject: Certificate, limit: number, found: number): CertificateError {
  return new CertificateError(
    'CERT_PATH_LENGTH_EXCEEDED',
    `${describeCertificate(subject)}: expected at most ${limit} CAs below it, found ${found}`,
    { detail: { ...evidenceOf(subject), limit, found } },
  )
}
