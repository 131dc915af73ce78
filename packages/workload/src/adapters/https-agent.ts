import { Agent, type AgentOptions, type RequestOptions } from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { LinkerdName, SpiffeId } from '@meshid/spiffe-id'
import { connectMtls } from '../connect-mtls.ts'
import type { CredentialSource } from '../credential-source.ts'
import type { MeshTrust } from '../mesh-trust.ts'
import type { PeerTrust } from '../verify-peer.ts'
import { type DestinationTrust, trustAt, trustOnly } from './destination-trust.ts'
import { countPending, failedSocket } from './pending-socket.ts'

/** Options of {@link createMtlsHttpsAgent}. */
export interface MtlsHttpsAgentOptions<Trust extends MeshTrust = PeerTrust> {
  readonly source: CredentialSource
  /** Whom to trust, wherever requests go to or according to it; see {@link MtlsRequestOptions} for single requests. */
  readonly trust: DestinationTrust<Trust>
  /** For TCP and TLS together. Default `HANDSHAKE_TIMEOUT_MS`. */
  readonly timeoutMs?: number
  /** Those of Node's pool; connections are kept alive by default. */
  readonly pool?: Pick<
    AgentOptions,
    'keepAlive' | 'keepAliveMsecs' | 'maxFreeSockets' | 'maxSockets' | 'maxTotalSockets' | 'scheduling' | 'timeout'
  >
}

/** Options of `https.request` for the agent of {@link createMtlsHttpsAgent}. */
export interface MtlsRequestOptions extends RequestOptions {
  /** The one peer that may answer, beside what the agent's trust asks for. Each has connections of its own. */
  readonly expectedPeer?: SpiffeId | LinkerdName
}

/**
 * Creates an `https.Agent` whose connections are mTLS as `connectMtls` makes it: nothing of a request is sent before the
 * server is verified; `peerIdentity(response)` says who it was. Each new connection shows the credential of its moment.
 *
 * TLS options of requests (`ca`, `rejectUnauthorized`, `checkServerIdentity`, …) are not looked at. Requests fail with the
 * errors of `connectMtls`.
 */
export function createMtlsHttpsAgent<Trust extends MeshTrust>(options: MtlsHttpsAgentOptions<Trust>): Agent {
  return new MtlsAgent(options)
}

class MtlsAgent<Trust extends MeshTrust> extends Agent {
  readonly #options: MtlsHttpsAgentOptions<Trust>

  constructor(options: MtlsHttpsAgentOptions<Trust>) {
    super({ keepAlive: true, ...options.pool, maxCachedSessions: 0 })
    this.#options = options
  }

  /** Who must answer is part of the name, so that no request gets a connection that was verified for another. */
  override getName(request: MtlsRequestOptions = {}): string {
    return `${super.getName(request)}:${request.expectedPeer === undefined ? '' : String(request.expectedPeer)}`
  }

  override createConnection(
    request: MtlsRequestOptions,
    callback?: (error: Error | null, connection: Duplex) => void,
  ): undefined {
    const settle = countPending(this, this.getName(request))
    const done = (socket: Socket): void => {
      settle()
      callback?.(null, socket)
    }
    this.#connect(request).then(done, (error: unknown) => done(failedSocket(error)))
  }

  async #connect({ host, port, socketPath, expectedPeer }: MtlsRequestOptions): Promise<Socket> {
    if (typeof socketPath === 'string') throw new TypeError('socketPath: expected a host and a port, found a path')
    const { source, timeoutMs } = this.#options
    const destination = { host: host ?? 'localhost', port: Number(port ?? 443) }
    const trust = trustAt(this.#options.trust, destination)
    const { socket } = await connectMtls<MeshTrust>({
      ...destination,
      source,
      trust: expectedPeer === undefined ? trust : trustOnly(trust, expectedPeer),
      alpnProtocols: ['http/1.1'],
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    })
    socket.allowHalfOpen = false // As https.Agent does: a connection that the server has ended must leave the pool.
    return socket
  }
}
