import { Agent } from 'undici'
import { connectMtls } from '../connect-mtls.ts'
import type { CredentialSource } from '../credential-source.ts'
import type { MeshTrust } from '../mesh-trust.ts'
import type { PeerTrust } from '../verify-peer.ts'
import { type DestinationTrust, trustAt } from './destination-trust.ts'

/** Options of {@link createMtlsDispatcher}. */
export interface MtlsDispatcherOptions<Trust extends MeshTrust = PeerTrust> {
  readonly source: CredentialSource
  /** Whom to trust, wherever requests go to or according to it. */
  readonly trust: DestinationTrust<Trust>
  /** For TCP and TLS together. Default `HANDSHAKE_TIMEOUT_MS`. */
  readonly timeoutMs?: number
  /** Those of undici's pools. */
  readonly pool?: Omit<Agent.Options, 'connect' | 'factory' | 'allowH2' | 'useH2c' | 'socketPath' | 'connectTimeout'>
}

/**
 * Creates a dispatcher for undici's `fetch` and `request` whose connections are mTLS as `connectMtls` makes it, whatever
 * the scheme of the address says: nothing of a request is sent before the server is verified. HTTP/1.1. Each new
 * connection shows the credential of its moment.
 *
 * Requests fail with the errors of `connectMtls`; `fetch` puts them into `cause`.
 */
export function createMtlsDispatcher<Trust extends MeshTrust>(options: MtlsDispatcherOptions<Trust>): Agent {
  const { source, trust, timeoutMs, pool } = options
  const open = async (hostname: string, port: number) => {
    const destination = { host: hostname.replace(/^\[(.*)\]$/, '$1'), port }
    const { socket } = await connectMtls({
      ...destination,
      source,
      trust: trustAt(trust, destination),
      alpnProtocols: ['http/1.1'],
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    })
    socket.allowHalfOpen = false // A connection that the server has ended must leave the pool.
    return socket
  }
  return new Agent({
    ...pool,
    allowH2: false,
    connect({ hostname, protocol, port }, callback) {
      open(hostname, Number(port || (protocol === 'http:' ? 80 : 443))).then(
        (socket) => callback(null, socket),
        (error: unknown) => callback(error as Error, null),
      )
    },
  })
}
