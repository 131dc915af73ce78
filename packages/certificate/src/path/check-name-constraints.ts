import { describeCertificate, evidenceOf, shorten } from '../describe-certificate.ts'
import { CertificateError, type CertificateErrorCode } from '../errors.ts'
import { type ConstrainedName, constrainedNamesOf } from '../names/constrained-names.ts'
import { nameRelation } from '../names/name-relation.ts'
import type { Certificate } from '../parse/certificate.ts'
import type { NameConstraint } from '../parse/name-constraints.ts'
import { isSelfIssued } from './check-path-length.ts'
import type { PathLink, PathSearch } from './path-check.ts'
import { searchLimit } from './search-work.ts'
import type { TrustAnchor } from './trusted-key.ts'

/**
 * Checks the names of every certificate below a CA against its constraints, which count whether they are critical or not.
 * Self-issued intermediates are exempt; the certificate in question never is. A CA's constraints do not bind its own names.
 *
 * @throws CertificateError CERT_NAME_EXCLUDED, CERT_NAME_NOT_PERMITTED, CERT_NAME_CONSTRAINTS_UNSUPPORTED,
 *   CERT_SEARCH_LIMIT
 * @see RFC 5280 sections 4.2.1.10, 6.1.3 (b) and (c) and 6.1.4 (g), SPIFFE rules X509-23 to X509-25
 */
export function checkNameConstraints({ subject, below }: PathLink<TrustAnchor>, search: PathSearch): void {
  if (subject.nameConstraints === undefined) return
  for (const [at, certificate] of below.entries()) {
    if (at > 0 && isSelfIssued(certificate)) continue
    for (const name of namesOf(certificate, search)) checkName(name, certificate, subject, search)
  }
}

/** Prepared once in a search, however many paths lead over the certificate. */
function namesOf(certificate: Certificate, { work }: PathSearch): readonly ConstrainedName[] {
  const prepared = (work.names ??= new Map())
  const known = prepared.get(certificate)
  if (known !== undefined) return known
  const names = constrainedNamesOf(certificate)
  prepared.set(certificate, names)
  return names
}

function checkName(name: ConstrainedName, certificate: Certificate, ca: TrustAnchor, search: PathSearch): void {
  const { permitted: allPermitted = [], excluded: allExcluded = [] } = ca.nameConstraints ?? {}
  spendComparisons(allPermitted.length + allExcluded.length, certificate, search)
  const permitted = allPermitted.filter(({ kind }) => kind === name.kind)
  const excluded = allExcluded.filter(({ kind }) => kind === name.kind)
  if (name.kind === 'other' && permitted.length + excluded.length > 0) {
    throw refuse('CERT_NAME_CONSTRAINTS_UNSUPPORTED', {
      name,
      certificate,
      ca,
      constraints: [...permitted, ...excluded],
    })
  }
  if (excluded.some((constraint) => nameRelation(name, constraint) !== 'outside')) {
    throw refuse('CERT_NAME_EXCLUDED', { name, certificate, ca, constraints: excluded })
  }
  if (permitted.length > 0 && !permitted.some((constraint) => nameRelation(name, constraint) === 'inside')) {
    throw refuse('CERT_NAME_NOT_PERMITTED', { name, certificate, ca, constraints: permitted })
  }
}

/** Before they are made, so that a peer's names and constraints are never multiplied beyond the limit. */
function spendComparisons(count: number, certificate: Certificate, { work, limits }: PathSearch): void {
  work.nameComparisons += count
  if (work.nameComparisons <= limits.maxNameComparisons) return
  throw searchLimit(certificate, 'comparisons of names', limits.maxNameComparisons)
}

interface ConstrainedCase {
  readonly name: ConstrainedName
  readonly certificate: Certificate
  readonly ca: TrustAnchor
  readonly constraints: readonly NameConstraint[]
}

const expectations = {
  CERT_NAME_EXCLUDED: 'no name that it excludes',
  CERT_NAME_NOT_PERMITTED: 'names that it permits',
  CERT_NAME_CONSTRAINTS_UNSUPPORTED: 'no name of a kind that cannot be compared',
} as const satisfies Partial<Record<CertificateErrorCode, string>>

/** Most constraints in an error's detail. */
const MAX_LISTED_CONSTRAINTS = 8

function refuse(code: keyof typeof expectations, { name, certificate, ca, constraints }: ConstrainedCase) {
  const found = shorten(name.value)
  const issuer = describeCertificate(ca)
  const subject = describeCertificate(certificate)
  const listed = constraints.slice(0, MAX_LISTED_CONSTRAINTS).map(({ kind, value }) => `${kind}:${shorten(value)}`)
  return new CertificateError(
    code,
    `${subject}: below ${issuer}, expected ${expectations[code]}, found the ${name.kind} name ${found}`,
    { detail: { ...evidenceOf(certificate), issuer, kind: name.kind, found, constraints: listed } },
  )
}
