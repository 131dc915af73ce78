import type { TLSSocket } from 'node:tls'
import type { PeerIdentity } from './verify-peer.ts'

/** An open connection to a peer that was verified and authorized; nothing has been read from it. */
export interface MtlsConnection<Peer = PeerIdentity> {
  /**
   * Half-open: the side that has read everything must still end its own. Listen to `error`. What Node says of the peer
   * here (`authorized`, `getPeerCertificate()`) means nothing: `peer` does.
   */
  readonly socket: TLSSocket
  readonly peer: Peer
  /**
   * Breaks the connection off with a TCP reset, so that the other side sees an error. After `socket.destroy()` it would
   * see an orderly end, and take for the whole what may be a part.
   */
  readonly reset: () => void
}
