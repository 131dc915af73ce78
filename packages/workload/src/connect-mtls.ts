import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { CredentialSource } from './credential-source.ts'
import { WorkloadError } from './errors.ts'
import { HANDSHAKE_TIMEOUT_MS } from './guard-tls-server.ts'
import { handshakeFailure, saidBy } from './handshake-failure.ts'
import { type MeshTrust, type PeerOf, verifyMeshPeer } from './mesh-trust.ts'
import type { MtlsConnection } from './mtls-connection.ts'
import { rememberPeer } from './peer-identity.ts'
import { resetSocket } from './reset-socket.ts'
import type { PeerTrust } from './verify-peer.ts'

/** As whom to connect, and to whom. */
export interface SecureMtlsOptions<Trust extends MeshTrust = PeerTrust> {
  readonly source: CredentialSource
  readonly trust: Trust
  /**
   * The DNS name to ask for (SNI); default: none. Linkerd's proxy ends TLS only for its own name. What the server is called
   * is decided by `trust` alone.
   */
  readonly serverName?: string
  /** Protocols to offer by ALPN, best first; a server that answers has chosen one of them. Default: none are offered. */
  readonly alpnProtocols?: readonly string[]
  /** For TCP and TLS together. Default `HANDSHAKE_TIMEOUT_MS`. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/** Where to connect, and as whom. */
export interface MtlsClientOptions<Trust extends MeshTrust = PeerTrust> extends SecureMtlsOptions<Trust> {
  readonly host: string
  readonly port: number
}

/**
 * Opens a connection that begins mTLS with the credential of this moment, and hands it over only after the server's SVID
 * was verified and authorized. The host name is only an address.
 *
 * A server that refuses this side says so after its own end of the handshake (TLS 1.3): as an error of the socket.
 * @throws WorkloadError WORKLOAD_NO_CREDENTIAL, WORKLOAD_CREDENTIAL_EXPIRED, WORKLOAD_PEER_UNREACHABLE,
 *   WORKLOAD_PEER_HANDSHAKE_FAILED, and those of `verifyPeer` or `verifyLinkerdPeer`; `signal.reason` when the signal aborts
 */
export async function connectMtls<Trust extends MeshTrust>(
  options: MtlsClientOptions<Trust>,
): Promise<MtlsConnection<PeerOf<Trust>>> {
  const { host, port, source, trust } = options
  options.signal?.throwIfAborted()
  source.usable(trust.now()) // Who has nothing to show need not connect.
  const signal = withDeadline(options)
  const raw = connect({ host, port, allowHalfOpen: true, noDelay: true })
  try {
    await step(raw, 'connect', { signal, refusal: unreachable })
  } catch (error) {
    raw.destroy()
    options.signal?.throwIfAborted()
    throw error
  }
  return secureWithin(raw, options, signal)
}

/**
 * The same on a TCP connection that is there. When it fails, the connection is reset.
 * @throws as {@link connectMtls}, but for WORKLOAD_PEER_UNREACHABLE
 */
export async function secureMtls<Trust extends MeshTrust>(
  raw: Socket,
  options: SecureMtlsOptions<Trust>,
): Promise<MtlsConnection<PeerOf<Trust>>> {
  return secureWithin(raw, options, withDeadline(options))
}

function withDeadline({ signal, timeoutMs = HANDSHAKE_TIMEOUT_MS }: SecureMtlsOptions<MeshTrust>): AbortSignal {
  const deadline = AbortSignal.timeout(timeoutMs)
  return signal ? AbortSignal.any([signal, deadline]) : deadline
}

async function secureWithin<Trust extends MeshTrust>(
  raw: Socket,
  options: SecureMtlsOptions<Trust>,
  signal: AbortSignal,
): Promise<MtlsConnection<PeerOf<Trust>>> {
  const { source, trust, serverName = '', alpnProtocols } = options
  let reset = (): void => void raw.destroy()
  try {
    if (raw.destroyed) throw handshakeFailure('server', raw.errored ?? new Error('the connection has ended'))
    const socket = connectTls({
      socket: raw,
      secureContext: source.usable(trust.now()).secureContext,
      // TLS checks that the server holds its key; whose it is, is decided before a byte is sent (JS-6).
      rejectUnauthorized: false,
      // What the certificate says of host names is not looked at (X509-38).
      servername: serverName,
      ...(alpnProtocols === undefined ? {} : { ALPNProtocols: [...alpnProtocols] }),
    })
    reset = () => resetSocket(socket, raw)
    await step(socket, 'secureConnect', { signal, refusal: (cause) => handshakeFailure('server', cause) })
    const peer = verifyMeshPeer(socket, 'server', trust)
    rememberPeer(socket, peer)
    return Object.freeze({ socket, peer, reset })
  } catch (error) {
    reset()
    options.signal?.throwIfAborted()
    throw error
  }
}

/** Waits for an event of a socket; its error and the signal's end the wait as a refusal. */
async function step(
  socket: Socket,
  event: string,
  { signal, refusal }: { readonly signal: AbortSignal; readonly refusal: (cause: unknown) => WorkloadError },
): Promise<void> {
  try {
    await once(socket, event, { signal })
  } catch (cause) {
    throw refusal(signal.aborted ? signal.reason : cause)
  }
}

function unreachable(cause: unknown): WorkloadError {
  const found = saidBy(cause)
  const message = `peer server: expected a TCP connection, found ${found}`
  return new WorkloadError('WORKLOAD_PEER_UNREACHABLE', message, { detail: { found }, cause })
}
