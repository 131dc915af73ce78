import { createServer, type Server } from 'node:tls'
import { guardedTlsOptions, guardTlsServer, type MtlsEndOptions } from './guard-tls-server.ts'
import type { MeshTrust, PeerOf } from './mesh-trust.ts'
import type { MtlsConnection } from './mtls-connection.ts'
import type { PeerTrust } from './verify-peer.ts'

/** Options of {@link createMtlsServer}. */
export interface MtlsServerOptions<Trust extends MeshTrust = PeerTrust> extends MtlsEndOptions<Trust> {
  /** Is called for each peer that was verified and authorized. */
  readonly onConnection: (connection: MtlsConnection<PeerOf<Trust>>) => void
  /** Is called when a connection has reached its `lifetime`: time to say goodbye. It is ended after the grace. */
  readonly onDrain?: (connection: MtlsConnection<PeerOf<Trust>>) => void
  /** Protocols that are offered by ALPN, best first; default: ALPN is not answered. */
  readonly alpnProtocols?: readonly string[]
}

/**
 * Creates a server that ends mTLS: both sides show a certificate, and no byte reaches the application before the peer is
 * verified. Each handshake begins with the source's credential of that moment, so a new one is used at once, and none is
 * accepted while there is none that is valid (WORKLOAD_NO_CREDENTIAL, WORKLOAD_CREDENTIAL_EXPIRED go to `onRefused`).
 * Open connections live on, also past the end of the certificates that they began with (JS-8), unless `lifetime` ends them.
 *
 * `onRefused` also gets WORKLOAD_PEER_HANDSHAKE_FAILED and everything that `verifyPeer` throws
 * (`verifyLinkerdPeer` in a Linkerd mesh), and WORKLOAD_PEER_WRONG_SERVER_NAME.
 */
export function createMtlsServer<Trust extends MeshTrust>(options: MtlsServerOptions<Trust>): Server {
  const { onConnection, onDrain, alpnProtocols } = options
  const server = createServer({
    ...guardedTlsOptions(options),
    ...(alpnProtocols === undefined ? {} : { ALPNProtocols: [...alpnProtocols] }),
    noDelay: true,
  })
  guardTlsServer(server, options, (connection, deliver) => {
    // Not before: a peer that goes away during its handshake must be noticed.
    connection.socket.allowHalfOpen = true
    onConnection(connection)
    deliver()
    return () => onDrain?.(connection)
  })
  return server
}
