import type { Certificate } from '../parse/certificate.ts'
import type { PathRole } from '../path/path-event.ts'
import type { TrustAnchor } from '../path/trusted-key.ts'
import { explanationLimits } from './explain-limits.ts'
import type { ExplainedCertificate } from './explanation.ts'
import {
  authorityKeyIdentifierOf,
  explainCertificate,
  explainUnreadable,
  keyIdentifierOf,
} from './explained-certificate.ts'
import type { PathTree } from './path-tree.ts'
import type { Given } from './read-given.ts'

/** What was sent, in its order. */
export function listChain(chain: readonly Given[]): readonly ExplainedCertificate[] {
  return Object.freeze(chain.slice(0, explanationLimits.certificates).map(listed))
}

/** The anchors that were tried, then those with a key that the chain speaks of, then the unreadable, then the others. */
export function listAnchors(
  anchors: readonly Given[],
  tree: PathTree,
  chain: readonly Certificate[],
): readonly ExplainedCertificate[] {
  const spokenOf = new Set(chain.map(authorityKeyIdentifierOf))
  const rank = ({ subject }: Given): number => {
    if (subject === undefined) return 2
    if (tree.hasTried(subject)) return 0
    return spokenOf.has(keyIdentifierOf(subject)) ? 1 : 3
  }
  const ranked = anchors.map((given, index) => ({ given, index, rank: rank(given) }))
  const first = ranked.toSorted((one, other) => one.rank - other.rank).slice(0, explanationLimits.trustAnchors)
  return Object.freeze(first.map(({ given, index }) => listed(given, index)))
}

function listed(given: Given, index: number): ExplainedCertificate {
  return given.subject === undefined
    ? explainUnreadable(given.error, index, given.bytes)
    : explainCertificate(given.subject, index)
}

/** Where something stands in the chain, or as an anchor in the trust bundle. */
export function placesOf(
  chain: readonly Given[],
  anchors: readonly Given[],
): (subject: TrustAnchor, role: PathRole) => number {
  const inChain = indexOf(chain)
  const inAnchors = indexOf(anchors)
  return (subject, role) => (role === 'anchor' ? inAnchors : inChain).get(subject) ?? -1
}

function indexOf(given: readonly Given[]): ReadonlyMap<TrustAnchor, number> {
  const places = new Map<TrustAnchor, number>()
  for (const [index, { subject }] of given.entries()) {
    if (subject !== undefined && !places.has(subject)) places.set(subject, index)
  }
  return places
}
