import type { Socket } from 'node:net'
import type { Server, TlsOptions, TLSSocket } from 'node:tls'
import { createAcceptedConnections } from './accepted-connections.ts'
import { type ConnectionLifetime, watchLifetime } from './connection-lifetime.ts'
import type { CredentialSource } from './credential-source.ts'
import type { Credential } from './credential.ts'
import { WorkloadError } from './errors.ts'
import { interceptEvent } from './intercept-event.ts'
import { handshakeFailure } from './handshake-failure.ts'
import { type MeshTrust, type PeerOf, verifyMeshPeer } from './mesh-trust.ts'
import type { MtlsConnection } from './mtls-connection.ts'
import { rememberPeer } from './peer-identity.ts'
import { tlsContext } from './tls-context.ts'
import type { PeerTrust } from './verify-peer.ts'

/** Longest time for a TLS handshake with a peer, in milliseconds. */
export const HANDSHAKE_TIMEOUT_MS = 10_000

/** What every server that ends mTLS is told. */
export interface MtlsEndOptions<Trust extends MeshTrust = PeerTrust> {
  readonly source: CredentialSource
  readonly trust: Trust
  /**
   * The DNS name that peers must ask for (SNI); default: any, or none. Linkerd's proxies ask for the name of the workload
   * and let everything else pass through.
   */
  readonly serverName?: string
  /** Is called for each connection that was refused; the peer sees a TLS alert or a reset, and no reason. */
  readonly onRefused?: (error: WorkloadError) => void
  /** Default {@link HANDSHAKE_TIMEOUT_MS}. */
  readonly handshakeTimeoutMs?: number
  /** When connections are brought to an end; default: they live on. */
  readonly lifetime?: ConnectionLifetime
}

/**
 * The options of a TLS server that {@link guardTlsServer} guards: they ask for a certificate and check that the peer holds
 * its key; whose it is, is decided by the guard (JS-6). They come last, after whatever a caller gave.
 */
export function guardedTlsOptions(options: Pick<MtlsEndOptions, 'handshakeTimeoutMs'>): TlsOptions {
  return {
    ...tlsContext(),
    requestCert: true,
    rejectUnauthorized: false,
    handshakeTimeout: options.handshakeTimeoutMs ?? HANDSHAKE_TIMEOUT_MS,
    // Each of these could bring in other keys than the credential's.
    SNICallback: undefined,
    pskCallback: undefined,
    ALPNCallback: undefined,
    ticketKeys: undefined,
  }
}

/** Hands an admitted connection to whoever serves it, and gives back how its protocol drains it. */
export type Admit<Peer> = (connection: MtlsConnection<Peer>, deliver: () => void) => () => void

/**
 * Stands between TLS and whoever listens to a server of our own making: each handshake begins with the source's credential
 * of that moment, none while there is none that is valid, and `secureConnection` is heard by nobody, neither the protocol
 * above nor later listeners, before the peer is verified and authorized.
 */
export function guardTlsServer<Trust extends MeshTrust>(
  server: Server,
  options: MtlsEndOptions<Trust>,
  admit: Admit<PeerOf<Trust>>,
): void {
  const accepted = createAcceptedConnections()
  const prepare = prepareHandshakes(server, options)
  const refuse = (error: unknown): void => options.onRefused?.(refusalOf(error))
  interceptEvent(server, 'connection', (deliver, connection) => {
    const raw = connection as Socket
    try {
      accepted.add(raw, prepare())
    } catch (error) {
      raw.resetAndDestroy()
      return refuse(error)
    }
    deliver()
  })
  interceptEvent(server, 'secureConnection', (deliver, secured) => {
    const socket = secured as TLSSocket
    const { credential, reset } = accepted.find(socket)
    let peer: PeerOf<Trust>
    try {
      peer = judge(socket, options)
    } catch (error) {
      reset()
      return refuse(error)
    }
    const drain = admit(Object.freeze({ socket, peer, reset }), deliver)
    if (options.lifetime) watchLifetime({ socket, credential, drain }, options.source, options.lifetime)
  })
  server.on('tlsClientError', (cause, socket) => {
    socket.destroy() // After a timeout Node leaves that to us.
    refuse(handshakeFailure('client', cause))
  })
}

/** Gives the server the credential of the moment, and says which; throws when there is none that may be used. */
function prepareHandshakes<Trust extends MeshTrust>(server: Server, options: MtlsEndOptions<Trust>): () => Credential {
  const { source, trust } = options
  let shown: Credential | undefined
  return () => {
    const credential = source.usable(trust.now())
    if (credential !== shown) server.setSecureContext(tlsContext(credential))
    shown = credential
    return credential
  }
}

/** Says who is there if nothing speaks against the peer; throws otherwise. */
function judge<Trust extends MeshTrust>(
  socket: TLSSocket,
  { trust, serverName }: MtlsEndOptions<Trust>,
): PeerOf<Trust> {
  checkServerName(socket, serverName)
  const peer = verifyMeshPeer(socket, 'client', trust)
  rememberPeer(socket, peer)
  return peer
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
