import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import type { CredentialSource } from './credential-source.ts'
import { WorkloadError } from './errors.ts'
import { handshakeFailure, saidBy } from './handshake-failure.ts'
import { HANDSHAKE_TIMEOUT_MS } from './mtls-server.ts'
import { type PeerIdentity, type PeerTrust, verifyPeer } from './verify-peer.ts'

/** Where to connect, and as whom. */
export interface MtlsClientOptions {
  readonly host: string
  readonly port: number
  readonly source: CredentialSource
  readonly trust: PeerTrust
  /** For TCP and TLS together. Default `HANDSHAKE_TIMEOUT_MS`. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/** An open connection to a verified peer. */
export interface MtlsConnection {
  /** Half-open: the side that has read everything must still end its own. Listen to `error`. */
  readonly socket: TLSSocket
  readonly peer: PeerIdentity
}

/**
 * Opens a connection that begins mTLS with the credential of this moment, and hands it over only after the server's SVID
 * was verified and authorized. The host name is only an address.
 *
 * A server that refuses this side says so after its own end of the handshake (TLS 1.3): as an error of the socket.
 * @throws WorkloadError WORKLOAD_NO_CREDENTIAL, WORKLOAD_CREDENTIAL_EXPIRED, WORKLOAD_PEER_UNREACHABLE,
 *   WORKLOAD_PEER_HANDSHAKE_FAILED, and those of `verifyPeer`; `signal.reason` when the signal aborts
 */
export function connectMtls(options: MtlsClientOptions): Promise<MtlsConnection> {
  const { trust, timeoutMs = HANDSHAKE_TIMEOUT_MS } = options
  const deadline = AbortSignal.timeout(timeoutMs)
  const signal = options.signal ? AbortSignal.any([options.signal, deadline]) : deadline
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const socket = connect(connectionOptions(options))
    const stop = (): void => void socket.destroy(new Error('stopped', { cause: signal.reason }))
    signal.addEventListener('abort', stop, { once: true })
    let isConnected = false
    socket.once('connect', () => (isConnected = true))
    const fail = (error: Error): void => {
      if (options.signal?.aborted === true) reject(options.signal.reason)
      else reject(failure(isConnected, signal.aborted ? signal.reason : error))
    }
    socket.once('error', fail)
    socket.once('close', () => signal.removeEventListener('abort', stop))
    socket.once('secureConnect', () => {
      signal.removeEventListener('abort', stop)
      try {
        const peer = verifyPeer(socket, 'server', trust)
        socket.removeListener('error', fail)
        resolve({ socket, peer })
      } catch (error) {
        socket.destroy()
        reject(error)
      }
    })
  })
}

function failure(isConnected: boolean, cause: unknown): WorkloadError {
  if (isConnected) return handshakeFailure('server', cause)
  const found = saidBy(cause)
  const message = `peer server: expected a TCP connection, found ${found}`
  return new WorkloadError('WORKLOAD_PEER_UNREACHABLE', message, { detail: { found }, cause })
}

/** `allowHalfOpen` is documented for `tls.connect`, but missing in its types. */
type HalfOpenConnectionOptions = ConnectionOptions & { readonly allowHalfOpen: boolean }

function connectionOptions({ host, port, source, trust }: MtlsClientOptions): HalfOpenConnectionOptions {
  return {
    host,
    port,
    secureContext: source.usable(trust.now()).secureContext,
    // TLS checks that the server holds its key; whose it is, verifyPeer decides before a byte is sent (JS-6).
    rejectUnauthorized: false,
    // The SVID is the identity: no name is sent, and what the certificate says of host names is not looked at (X509-38).
    servername: '',
    allowHalfOpen: true,
  }
}
