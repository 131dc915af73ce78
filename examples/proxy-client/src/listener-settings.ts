import { type ListenAddress, parseListenAddress } from '@meshid/example-operations'
import { type IdMatcher, matchId, parseLinkerdName, parseSpiffeId } from '@meshid/spiffe-id'
import {
  formatWorkloadName,
  type LinkerdPeerTrust,
  type MeshTrust,
  type PeerTrust,
  type TrustAnchorSource,
  trustBundlesOf,
} from '@meshid/workload'
import { allowLinkerdNames, allowSpiffeIds } from './allow-list.ts'
import type { Mesh } from './mesh-of.ts'
import { parseDnsName } from './own-name.ts'
import type { VariableReader } from './variables.ts'

/** What trust needs at run time. */
export interface TrustBase {
  readonly trustAnchors: TrustAnchorSource
  readonly now: () => Date
}

/** What ends mTLS in front of an app. */
export interface InboundSettings {
  readonly listen: ListenAddress
  readonly app: ListenAddress
  readonly trustOf: (base: TrustBase) => MeshTrust
  /** What Linkerd's peers must ask for (SNI): the own name. */
  readonly serverName: string | undefined
}

/** What begins mTLS towards a peer. */
export interface OutboundSettings {
  readonly listen: ListenAddress
  readonly peer: ListenAddress
  readonly trustOf: (base: TrustBase) => MeshTrust
  /** What the peer is asked for (SNI): its name in a Linkerd mesh, unless another was given. */
  readonly serverName: string | undefined
}

/** Inbound is off unless there is an app; whom it admits must then be said. */
export function readInbound(reader: VariableReader, mesh: Mesh | undefined): InboundSettings | undefined {
  const app = reader.optional('MESHID_INBOUND_APP_ADDR', parseListenAddress)
  if (!reader.isSet('MESHID_INBOUND_APP_ADDR') || mesh === undefined) return undefined
  const listen = reader.required('LINKERD2_PROXY_INBOUND_LISTEN_ADDR', parseListenAddress, '0.0.0.0:4143')
  const trustOf = reader.required('MESHID_INBOUND_ALLOW', (text) =>
    mesh.kind === 'spiffe'
      ? spiffeTrust(mesh, allowSpiffeIds(text))
      : linkerdTrust(mesh, allowLinkerdNames(text, mesh.mesh)),
  )
  return {
    app: app as ListenAddress,
    listen,
    trustOf,
    serverName: mesh.kind === 'linkerd' ? String(mesh.ownName) : undefined,
  }
}

/** Outbound is off unless there is a peer: its address and its name, never one without the other. */
export function readOutbound(reader: VariableReader, mesh: Mesh | undefined): OutboundSettings | undefined {
  const [address, id] = ['MESHID_OUTBOUND_PEER_ADDR', 'MESHID_OUTBOUND_PEER_ID'] as const
  if (!reader.isSet(address) && !reader.isSet(id)) return undefined
  const [missing, there] = reader.isSet(address) ? [id, address] : [address, id]
  if (!reader.isSet(missing)) return reader.fault(`${missing} must be set, because ${there} is.`)
  const peer = reader.required(address, parseListenAddress)
  const listen = reader.required('LINKERD2_PROXY_OUTBOUND_LISTEN_ADDR', parseListenAddress, '127.0.0.1:4140')
  const asked = reader.optional('MESHID_OUTBOUND_PEER_SERVER_NAME', parseDnsName)
  if (mesh === undefined) return undefined
  const settings = { peer, listen, ...reader.required(id, (text) => peerOf(text, mesh)) }
  return asked === undefined ? settings : { ...settings, serverName: formatWorkloadName(asked) }
}

function peerOf(text: string, mesh: Mesh): Pick<OutboundSettings, 'trustOf' | 'serverName'> {
  if (mesh.kind === 'spiffe') {
    return { trustOf: spiffeTrust(mesh, matchId.exact(parseSpiffeId(text))), serverName: undefined }
  }
  const name = String(parseLinkerdName(text, mesh.mesh))
  return { trustOf: linkerdTrust(mesh, allowLinkerdNames(name, mesh.mesh)), serverName: name }
}

const spiffeTrust =
  ({ trustDomain }: Mesh & { kind: 'spiffe' }, matches: IdMatcher) =>
  ({ trustAnchors, now }: TrustBase): PeerTrust => ({
    bundles: trustBundlesOf(trustDomain, trustAnchors),
    authorize({ spiffeId }) {
      matches(spiffeId)
    },
    now,
  })

const linkerdTrust =
  ({ mesh }: Mesh & { kind: 'linkerd' }, authorize: LinkerdPeerTrust['authorize']) =>
  (base: TrustBase): LinkerdPeerTrust => ({ ...base, mesh, authorize })
