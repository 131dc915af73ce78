import type { Verifier } from '@meshid/keys'
import type { CertificateError } from '../errors.ts'
import type { Certificate } from '../parse/certificate.ts'
import { findPath } from '../path/find-path.ts'
import type { PathLimits } from '../path/path-limits.ts'
import { createPathTrace, type PathTrace } from '../path/create-path-trace.ts'
import { newSearchWork } from '../path/search-work.ts'
import type { TrustAnchors } from '../path/trust-anchors.ts'
import type { TrustAnchor } from '../path/trusted-key.ts'
import type { ChainPurpose } from '../path/verified-chain.ts'
import { verifyChain } from '../path/verify-chain.ts'
import { PathTree } from './path-tree.ts'
import { attempt } from './read-given.ts'

/** What is searched, and with what. */
export interface SearchInput {
  readonly chain: readonly Certificate[]
  /** None when there is nothing to end at: then there is no search. */
  readonly trustAnchors: TrustAnchors | undefined
  /** Whether the first certificate of the chain is the one in question. */
  readonly isTargetRead: boolean
  readonly now: Date
  readonly purpose: ChainPurpose
  readonly limits: PathLimits
  readonly verifier: Verifier
}

/** What a search found. */
export interface Search {
  readonly tree: PathTree
  readonly isAccepted: boolean
  /** First that of `verifyChain`, then what else is wrong with the same link, then what is wrong above a refused target. */
  readonly refusals: readonly CertificateError[]
  readonly anchor: TrustAnchor | undefined
  /** Whether others were refused before a path was found. */
  readonly isDetour: boolean
}

/**
 * Follows `verifyChain`, and goes on where it stops: above a certificate that is refused for itself, the paths are tried
 * nevertheless, so that people need not repair one thing to learn of the next.
 */
export function searchPaths(input: SearchInput): Search {
  const tree = new PathTree()
  const { chain, trustAnchors, isTargetRead, now, purpose, limits, verifier } = input
  if (trustAnchors === undefined || !isTargetRead) {
    return { tree, isAccepted: false, refusals: [], anchor: undefined, isDetour: false }
  }
  let anchor: TrustAnchor | undefined
  let dead = 0
  const trace = createPathTrace((event) => {
    tree.grow(event)
    if (event.type === 'found') anchor = event.anchor
    else if (event.type === 'no-issuer' || event.checks.some(({ verdict }) => verdict === 'refused')) dead++
  })
  const refusal = attempt(() => void verifyChain({ chain, trustAnchors, now, purpose }, { verifier, limits, trace }))
  const isAccepted = refusal === undefined
  const isDetour = isAccepted && dead > 0
  if (refusal === undefined) return { tree, isAccepted, refusals: [], anchor, isDetour }
  const refusals = [refusal, ...(tree.originOf(refusal)?.also ?? [])]
  const above = tree.originOf(refusal)?.role === 'target' && !tree.hasIssuers ? searchAbove(input, trace) : undefined
  if (above !== undefined) refusals.push(above)
  return { tree, isAccepted, refusals, anchor, isDetour }
}

/** What is wrong above the target, for a target that was refused for itself. */
function searchAbove(input: SearchInput, trace: PathTrace): CertificateError | undefined {
  const { chain, trustAnchors, ...rest } = input
  const [target, ...intermediates] = chain
  if (target === undefined || trustAnchors === undefined || trustAnchors.has(target)) return undefined
  const work = { work: newSearchWork(), spareWork: newSearchWork() }
  const search = { ...rest, ...work, intermediates, trustAnchors, memory: undefined, trace }
  return attempt(() => trace.tell({ type: 'found', ...findPath(target, search) }))
}
