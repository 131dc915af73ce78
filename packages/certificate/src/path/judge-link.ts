import { CertificateError } from '../errors.ts'
import type { LinkVerdict, PathCheck, PathLink, PathSearch } from './path-check.ts'
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
  const verdict = verdictOn(link, checks, search)
  search.trace?.judged({ link, checks, verdict }, search)
  if (verdict.refusal?.code === 'CERT_SEARCH_LIMIT') throw verdict.refusal
  return verdict.refusal
}

function verdictOn<Subject extends TrustAnchor>(
  link: PathLink<Subject>,
  checks: readonly PathCheck<Subject>[],
  search: PathSearch,
): LinkVerdict {
  let passed = 0
  try {
    for (; passed < checks.length; passed++) checks[passed]?.check(link, search)
    return { passed, refusal: undefined }
  } catch (refusal) {
    if (refusal instanceof CertificateError) return { passed, refusal }
    throw refusal
  }
}
