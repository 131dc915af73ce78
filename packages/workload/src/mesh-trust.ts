import type { TLSSocket } from 'node:tls'
import type { PeerSide } from './peer-chain.ts'
import { type LinkerdPeer, type LinkerdPeerTrust, verifyLinkerdPeer } from './verify-linkerd-peer.ts'
import { type PeerIdentity, type PeerTrust, verifyPeer } from './verify-peer.ts'

/** Whom to trust, in a mesh of either kind: by SPIFFE ID, or by Linkerd name. */
export type MeshTrust = PeerTrust | LinkerdPeerTrust

/** What a verified peer is in a mesh of that kind. */
export type PeerOf<Trust extends MeshTrust> = Trust extends LinkerdPeerTrust ? LinkerdPeer : PeerIdentity

/** Verifies the peer of a connection in the way of its mesh. */
export function verifyMeshPeer<Trust extends MeshTrust>(
  socket: TLSSocket,
  side: PeerSide,
  trust: Trust,
): PeerOf<Trust> {
  const peer = 'mesh' in trust ? verifyLinkerdPeer(socket, side, trust) : verifyPeer(socket, side, trust)
  return peer as PeerOf<Trust>
}
