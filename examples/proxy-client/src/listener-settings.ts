import { type ListenAddress, parseListenAddress } from '@meshid/example-operations'
import { type IdMatcher, isMatch, matchId, parseSpiffeId, type SpiffeId } from '@meshid/spiffe-id'
import { optional, required, type Variables } from './variables.ts'

/** What ends mTLS in front of an app. */
export interface InboundSettings {
  readonly listen: ListenAddress
  readonly app: ListenAddress
  readonly authorize: IdMatcher
}

/** What begins mTLS towards a peer. */
export interface OutboundSettings {
  readonly listen: ListenAddress
  readonly peer: ListenAddress
  readonly peerId: SpiffeId
}

/** Inbound is off unless there is an app; whom it admits must then be said. */
export function readInbound(env: Variables): InboundSettings | undefined {
  const app = optional(env, 'MESHID_INBOUND_APP_ADDR', parseListenAddress)
  if (app === undefined) return undefined
  const listen = required(env, 'LINKERD2_PROXY_INBOUND_LISTEN_ADDR', parseListenAddress, '0.0.0.0:4143')
  return { app, listen, authorize: required(env, 'MESHID_INBOUND_ALLOW', parseAllow) }
}

/** Outbound is off unless there is a peer: its address and its ID, never one without the other. */
export function readOutbound(env: Variables): OutboundSettings | undefined {
  const peer = optional(env, 'MESHID_OUTBOUND_PEER_ADDR', parseListenAddress)
  const peerId = optional(env, 'MESHID_OUTBOUND_PEER_ID', parseSpiffeId)
  if (peer === undefined && peerId === undefined) return undefined
  if (peer === undefined) throw new Error("'MESHID_OUTBOUND_PEER_ADDR' must be set, because MESHID_OUTBOUND_PEER_ID is")
  if (peerId === undefined)
    throw new Error("'MESHID_OUTBOUND_PEER_ID' must be set, because MESHID_OUTBOUND_PEER_ADDR is")
  const listen = required(env, 'LINKERD2_PROXY_OUTBOUND_LISTEN_ADDR', parseListenAddress, '127.0.0.1:4140')
  return { peer, listen, peerId }
}

/** Reads a comma-separated list: an ID with a path is that workload, one without admits every member of the trust domain. */
function parseAllow(text: string): IdMatcher {
  const ids = text.split(',').map((entry) => parseSpiffeId(entry.trim()))
  const workloads = ids.filter(({ path }) => path !== '')
  const trustDomains = ids.filter(({ path }) => path === '').map(({ trustDomain }) => trustDomain)
  const others = trustDomains.map((trustDomain) => matchId.memberOf(trustDomain))
  const first = workloads.length > 0 ? matchId.oneOf(workloads) : others.shift()
  return (peer) => {
    if (!others.some((matcher) => isMatch(matcher, peer))) first?.(peer)
  }
}
