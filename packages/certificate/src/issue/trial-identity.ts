import { parseSpiffeId } from '@meshid/spiffe-id'
import type { NameConstraint } from '../parse/name-constraints.ts'
import type { FoundPath } from '../path/verified-chain.ts'
import type { WorkloadIdentity } from './workload-identity.ts'

/**
 * Whom the leaf of a trial names: nobody, because .invalid is nobody's (RFC 6761 section 6.4). A path that permits some trust
 * domains only has its trial in the first of them, so that it is not refused for a name that nobody asks for.
 */
export function trialIdentity({ path, anchor }: FoundPath): WorkloadIdentity {
  const permitted = [...path, anchor].flatMap(({ nameConstraints }) => nameConstraints?.permitted ?? [])
  const host = permitted.find(isTrustDomain)?.value ?? 'meshid.invalid'
  return { spiffeId: parseSpiffeId(`spiffe://${host.startsWith('.') ? `trial${host}` : host}/trial-issuance`) }
}

/** Whether anything above a leaf limits its names, so that each leaf must be checked. */
export function hasNameConstraints({ path, anchor }: FoundPath): boolean {
  return [...path, anchor].some(({ nameConstraints }) => nameConstraints !== undefined)
}

function isTrustDomain({ kind, value }: NameConstraint): boolean {
  return kind === 'uri' && value !== ''
}
