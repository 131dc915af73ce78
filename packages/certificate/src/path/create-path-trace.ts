import { CertificateError } from '../errors.ts'
import { evidenceOfCheck } from './check-evidence.ts'
import type { JudgedLink, PathCheck, PathSearch, PathTrace } from './path-check.ts'
import type { CheckRecord, PathEvent } from './path-event.ts'
import type { TrustAnchor } from './trusted-key.ts'

export type { PathTrace } from './path-check.ts'

/**
 * Makes a trace for `verifyChain` of a function that is told of each path and of each check with its evidence, as it happens.
 *
 * Stands apart from the verification, so that whoever does not explain does not carry what only explanations need.
 */
export function createPathTrace(tell: (event: PathEvent) => void): PathTrace {
  return Object.freeze({ tell, judged: (judged, search) => tell(eventOf(judged, search)) } satisfies PathTrace)
}

/** Makes the checks behind the first refusal too; they do not decide, and spend from a budget of their own. */
function eventOf<Subject extends TrustAnchor>(judged: JudgedLink<Subject>, search: PathSearch): PathEvent {
  const { link, checks, verdict } = judged
  const { passed, refusal } = verdict
  const records = checks.map((check, index): CheckRecord => {
    const made = { check: check.name, evidence: Object.freeze({ ...evidenceOfCheck(check.name, link, search) }) }
    if (index < passed) return { ...made, verdict: 'passed', refusal: undefined }
    if (index === passed) return { ...made, verdict: 'refused', refusal }
    return { ...made, ...laterVerdict(check, judged, search) }
  })
  return { type: 'judged', below: [...link.below], subject: link.subject, role: link.role, checks: records }
}

function laterVerdict<Subject extends TrustAnchor>(
  { check }: PathCheck<Subject>,
  { link }: JudgedLink<Subject>,
  search: PathSearch,
): Pick<CheckRecord, 'verdict' | 'refusal'> {
  try {
    check(link, { ...search, work: search.spareWork })
    return { verdict: 'passed', refusal: undefined }
  } catch (refusal) {
    if (!(refusal instanceof CertificateError)) throw refusal
    if (refusal.code === 'CERT_SEARCH_LIMIT') return { verdict: 'not-run', refusal: undefined }
    return { verdict: 'refused', refusal }
  }
}
