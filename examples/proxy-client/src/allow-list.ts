import {
  type IdMatcher,
  isMatch,
  type LinkerdMesh,
  type LinkerdName,
  matchId,
  parseLinkerdName,
  parseSpiffeId,
  SpiffeIdError,
} from '@meshid/spiffe-id'

/** Reads a comma-separated list: an ID with a path is that workload, one without admits every member of the trust domain. */
export function allowSpiffeIds(text: string): IdMatcher {
  const ids = text.split(',').map((entry) => parseSpiffeId(entry.trim()))
  const workloads = ids.filter(({ path }) => path !== '')
  const trustDomains = ids.filter(({ path }) => path === '').map(({ trustDomain }) => trustDomain)
  const others = trustDomains.map((trustDomain) => matchId.memberOf(trustDomain))
  const first = workloads.length > 0 ? matchId.oneOf(workloads) : others.shift()
  return (peer) => {
    if (!others.some((matcher) => isMatch(matcher, peer))) first?.(peer)
  }
}

/**
 * Reads a comma-separated list of Linkerd names of one mesh. As in Linkerd's policies `*.` in front of a namespace admits
 * every account of it, and `*` alone every workload of the mesh.
 * @see linkerd2 `policy-controller/core/src/identity_match.rs`
 */
export function allowLinkerdNames(text: string, mesh: LinkerdMesh): (peer: LinkerdName) => void {
  const entries = text.split(',').map((entry) => entry.trim())
  const matchers = entries.map((entry) => linkerdMatcher(entry, mesh))
  return (peer) => {
    if (matchers.some((matches) => matches(peer))) return
    const detail = { expected: entries.join(' or '), found: String(peer) }
    throw new SpiffeIdError('SPIFFE_ID_NOT_ONE_OF', `expected ${detail.expected}, found ${detail.found}`, { detail })
  }
}

function linkerdMatcher(entry: string, mesh: LinkerdMesh): (peer: LinkerdName) => boolean {
  if (entry === '*') return () => true
  if (entry.startsWith('*.')) {
    const example = parseLinkerdName(`any${entry.slice(1)}`, mesh)
    return ({ serviceAccount }) => serviceAccount.namespace === example.serviceAccount.namespace
  }
  const exact = parseLinkerdName(entry, mesh)
  return (peer) => peer.equals(exact)
}
