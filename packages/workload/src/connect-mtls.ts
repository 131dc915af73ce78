import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import type { CredentialSource } from './credential-source.ts'
import { HANDSHAKE_TIMEOUT_MS } from './mtls-server.ts'
import { tlsContext } from './tls-context.ts'
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
  /** Half-open: the side that has read everything must still end its own. */
  readonly socket: TLSSocket
  readonly peer: PeerIdentity
}

/**
 * Opens a connection that begins mTLS with the current credential, and hands it over only after the server's SVID was
 * verified and authorized. The host name is only an address.
 * @throws WorkloadError WORKLOAD_NO_CREDENTIAL, WORKLOAD_CREDENTIAL_EXPIRED, WORKLOAD_PEER_*; Node's error when TCP or TLS
 *   fails; `signal.reason` when the signal aborts; a TimeoutError DOMException at the deadline
 */
export function connectMtls(options: MtlsClientOptions): Promise<MtlsConnection> {
  const { trust, timeoutMs = HANDSHAKE_TIMEOUT_MS } = options
  const deadline = AbortSignal.timeout(timeoutMs)
  const signal = options.signal ? AbortSignal.any([options.signal, deadline]) : deadline
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const socket = connect(connectionOptions(options))
    const stop = (): void => void socket.destroy(signal.reason instanceof Error ? signal.reason : new Error('aborted'))
    signal.addEventListener('abort', stop, { once: true })
    const fail = (error: unknown): void => reject(signal.aborted ? signal.reason : error)
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

/** `allowHalfOpen` is documented for `tls.connect`, but missing in its types. */
type HalfOpenConnectionOptions = ConnectionOptions & { readonly allowHalfOpen: boolean }

function connectionOptions({ host, port, source, trust }: MtlsClientOptions): HalfOpenConnectionOptions {
  return {
    host,
    port,
    ...tlsContext(source.usable(trust.now()), trust.trustAnchors),
    // The SVID is the identity; what the certificate says of host names is not looked at. The chain is still verified.
    checkServerIdentity: () => undefined,
    servername: '',
    allowHalfOpen: true,
  }
}
