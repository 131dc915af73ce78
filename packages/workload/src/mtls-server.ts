import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type Server as TlsServer, type TLSSocket } from 'node:tls'
import type { CredentialSource } from './credential-source.ts'
import type { Credential } from './credential.ts'
import { WorkloadError } from './errors.ts'
import { handshakeFailure } from './handshake-failure.ts'
import { type MeshTrust, type PeerOf, verifyMeshPeer } from './mesh-trust.ts'
import type { MtlsConnection } from './mtls-connection.ts'
import { resetSocket } from './reset-socket.ts'
import { tlsContext } from './tls-context.ts'
import type { PeerTrust } from './verify-peer.ts'

/** Longest time for a TLS handshake with a peer, in milliseconds. */
export const HANDSHAKE_TIMEOUT_MS = 10_000

/** Options of {@link createMtlsServer}. */
export interface MtlsServerOptions<Trust extends MeshTrust = PeerTrust> {
  readonly source: CredentialSource
  readonly trust: Trust
  /**
   * The DNS name that peers must ask for (SNI); default: any, or none. Linkerd's proxies ask for the name of the workload
   * and let everything else pass through.
   */
  readonly serverName?: string
  /** Is called for each peer that was verified and authorized. */
  readonly onConnection: (connection: MtlsConnection<PeerOf<Trust>>) => void
  /** Is called for each connection that was refused; the peer sees a TLS alert or a reset, and no reason. */
  readonly onRefused?: (error: WorkloadError) => void
  /** Default {@link HANDSHAKE_TIMEOUT_MS}. */
  readonly handshakeTimeoutMs?: number
}

/**
 * Creates a server that ends mTLS: both sides show a certificate, and no byte reaches the application before the peer is
 * verified. Each handshake begins with the source's credential of that moment, so a new one is used at once, and none is
 * accepted while there is none that is valid (WORKLOAD_NO_CREDENTIAL, WORKLOAD_CREDENTIAL_EXPIRED go to `onRefused`).
 * Open connections live on, also past the end of the certificates that they began with (JS-8).
 *
 * `onRefused` also gets WORKLOAD_PEER_HANDSHAKE_FAILED and everything that `verifyPeer` throws
 * (`verifyLinkerdPeer` in a Linkerd mesh), and WORKLOAD_PEER_WRONG_SERVER_NAME.
 */
export function createMtlsServer<Trust extends MeshTrust>(options: MtlsServerOptions<Trust>): Server {
  const { source, trust, onRefused } = options
  const accepted = createAcceptedSockets()
  const tls = createTlsEnd(options, accepted)
  let shown: Credential | undefined
  // Not half-open yet: a peer that goes away during its handshake must be noticed.
  return createServer({ noDelay: true }, (raw) => {
    try {
      const credential = source.usable(trust.now())
      if (credential !== shown) tls.setSecureContext(tlsContext(credential))
      shown = credential
    } catch (error) {
      raw.resetAndDestroy()
      onRefused?.(refusalOf(error))
      return
    }
    accepted.add(raw)
    tls.emit('connection', raw)
  })
}

/** The TLS half: it never listens, connections are handed to it. */
function createTlsEnd<Trust extends MeshTrust>(
  options: MtlsServerOptions<Trust>,
  accepted: AcceptedSockets,
): TlsServer {
  const { trust, serverName, onConnection, onRefused, handshakeTimeoutMs = HANDSHAKE_TIMEOUT_MS } = options
  // TLS asks for a certificate and checks that the peer holds its key; whose it is, verifyPeer decides (JS-6).
  const tls = createTlsServer({ requestCert: true, rejectUnauthorized: false, handshakeTimeout: handshakeTimeoutMs })
  tls.on('tlsClientError', (cause, socket) => {
    socket.destroy() // After a timeout Node leaves that to us.
    onRefused?.(handshakeFailure('client', cause))
  })
  tls.on('secureConnection', (socket) => {
    const reset = (): void => accepted.reset(socket)
    let peer: PeerOf<Trust>
    try {
      checkServerName(socket, serverName)
      peer = verifyMeshPeer(socket, 'client', trust)
    } catch (error) {
      reset()
      onRefused?.(refusalOf(error))
      return
    }
    socket.allowHalfOpen = true
    onConnection(Object.freeze({ socket, peer, reset }))
  })
  return tls
}

function checkServerName(socket: TLSSocket & { readonly servername?: unknown }, expected: string | undefined): void {
  const { servername } = socket
  if (expected === undefined || servername === expected) return
  const found = typeof servername === 'string' && servername !== '' ? servername.slice(0, 253) : 'none'
  const message = `peer client: expected to be asked for ${expected}, found ${found}`
  throw new WorkloadError('WORKLOAD_PEER_WRONG_SERVER_NAME', message, { detail: { expected, found } })
}

/** An error that is not ours is a fault of this program, and still no reason to let the peer in or to stop serving. */
function refusalOf(error: unknown): WorkloadError {
  return error instanceof WorkloadError ? error : handshakeFailure('client', error)
}

interface AcceptedSockets {
  add(raw: Socket): void
  reset(socket: TLSSocket): void
}

/** Finds the TCP socket below a TLS socket: only that can be reset. */
function createAcceptedSockets(): AcceptedSockets {
  const sockets = new Map<string, Socket>()
  const nameOf = ({ remoteAddress, remotePort, localAddress, localPort }: Socket): string =>
    `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`
  return {
    add(raw) {
      const name = nameOf(raw)
      sockets.set(name, raw)
      raw.once('close', () => sockets.delete(name))
    },
    reset(socket) {
      const raw = sockets.get(nameOf(socket))
      if (raw === undefined) socket.destroy()
      else resetSocket(socket, raw)
    },
  }
}
