import { CertificateError } from '../errors.ts'
import type { PathCheck, PathLink, PathSearch } from './path-check.ts'
import type { CheckRecord, PathTrace } from './path-trace.ts'
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
  if (search.trace !== undefined) return judgeAll(link, checks, { search, trace: search.trace })
  try {
    for (const { check } of checks) check(link, search)
    return undefined
  } catch (error) {
    return refusalOrThrow(error)
  }
}

function refusalOrThrow(error: unknown): CertificateError {
  if (error instanceof CertificateError && error.code !== 'CERT_SEARCH_LIMIT') return error
  throw error
}

/** Makes all the checks and records them; those after the first refusal do not decide, and spend from a budget of their own. */
function judgeAll<Subject extends TrustAnchor>(
  link: PathLink<Subject>,
  checks: readonly PathCheck<Subject>[],
  { search, trace }: { readonly search: PathSearch; readonly trace: PathTrace },
): CertificateError | undefined {
  const records: CheckRecord[] = []
  let first: CertificateError | undefined
  for (const check of checks) {
    const record = recordOf(check, link, first === undefined ? search : { ...search, work: search.spareWork })
    records.push(
      first !== undefined && isLimit(record) ? { ...record, verdict: 'not-run', refusal: undefined } : record,
    )
    first ??= record.refusal
  }
  trace({ type: 'judged', below: [...link.below], subject: link.subject, role: link.role, checks: records })
  if (first?.code === 'CERT_SEARCH_LIMIT') throw first
  return first
}

function isLimit({ refusal }: CheckRecord): boolean {
  return refusal?.code === 'CERT_SEARCH_LIMIT'
}

function recordOf<Subject extends TrustAnchor>(
  { name, check, evidence }: PathCheck<Subject>,
  link: PathLink<Subject>,
  search: PathSearch,
): CheckRecord {
  let refusal: CertificateError | undefined
  try {
    check(link, search)
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    refusal = error
  }
  const verdict = refusal === undefined ? 'passed' : 'refused'
  return { check: name, verdict, evidence: Object.freeze({ ...evidence(link, search) }), refusal }
}
