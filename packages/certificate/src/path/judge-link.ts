import { CertificateError } from '../errors.ts'
import type { PathCheck, PathLink, PathSearch } from './path-check.ts'
import type { TrustAnchor } from './trusted-key.ts'

/**
 * The first refusal of a link, or undefined when it keeps every rule.
 *
 * @throws CertificateError CERT_SEARCH_LIMIT, which ends the whole search
 */
export function judgeLink<Subject extends TrustAnchor>(
  link: PathLink<Subject>,
  checks: readonly PathCheck<Subject>[],
  search: PathSearch,
): CertificateError | undefined {
  let passed = 0
  let refusal: CertificateError | undefined
  try {
    for (; passed < checks.length; passed++) checks[passed]?.check(link, search)
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    refusal = error
  }
  search.trace?.judged({ link, checks, verdict: { passed, refusal } }, search)
  if (refusal?.code === 'CERT_SEARCH_LIMIT') throw refusal
  return refusal
}
