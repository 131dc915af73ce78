import { createServer, type Server, type TLSSocket } from 'node:tls'
import type { CredentialSource } from './credential-source.ts'
import type { Credential } from './credential.ts'
import { tlsContext } from './tls-context.ts'
import { type PeerIdentity, type PeerTrust, verifyPeer } from './verify-peer.ts'

/** Longest time for a TLS handshake with a peer, in milliseconds. */
export const HANDSHAKE_TIMEOUT_MS = 10_000

/** Options of {@link createMtlsServer}. */
export interface MtlsServerOptions {
  readonly source: CredentialSource
  readonly trust: PeerTrust
  /**
   * Is called for each peer that was verified and authorized; nothing has been read from the socket. It is half-open: the
   * side that has read everything must still end its own.
   */
  readonly onConnection: (socket: TLSSocket, peer: PeerIdentity) => void
  /** Is called for each connection that was refused: a WorkloadError, or what TLS said. */
  readonly onRefused?: (error: unknown) => void
  /** Default `HANDSHAKE_TIMEOUT_MS`. */
  readonly handshakeTimeoutMs?: number
}

/**
 * Creates a server that ends mTLS: both sides show an X.509-SVID, and no byte reaches the application before the peer is
 * verified. A new credential of the source is used for new handshakes at once; connections live on. Closing the server
 * ends the subscription. Needs a credential: wait for the first one.
 * @throws WorkloadError WORKLOAD_NO_CREDENTIAL, WORKLOAD_CREDENTIAL_EXPIRED
 */
export function createMtlsServer(options: MtlsServerOptions): Server {
  const { source, trust, onConnection, onRefused } = options
  const context = (credential: Credential) => tlsContext(credential, trust.trustAnchors)
  const server = createServer({
    ...context(source.usable(trust.now())),
    requestCert: true,
    rejectUnauthorized: true,
    handshakeTimeout: options.handshakeTimeoutMs ?? HANDSHAKE_TIMEOUT_MS,
    noDelay: true,
    allowHalfOpen: true,
  })
  const unsubscribe = source.onChange((credential) => server.setSecureContext(context(credential)))
  server.on('close', unsubscribe)
  server.on('tlsClientError', (error) => onRefused?.(error))
  server.on('secureConnection', (socket) => {
    try {
      onConnection(socket, verifyPeer(socket, 'client', trust))
    } catch (error) {
      socket.destroy()
      onRefused?.(error)
    }
  })
  return server
}
