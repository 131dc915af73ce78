import type { Socket } from 'node:net'
import { CallCredentials, ChannelCredentials } from '@grpc/grpc-js'
import { secureMtls, type SecureMtlsOptions } from '../connect-mtls.ts'
import type { MeshTrust } from '../mesh-trust.ts'
import type { PeerTrust } from '../verify-peer.ts'

/** Options of {@link createMtlsChannelCredentials}. */
export type MtlsChannelOptions<Trust extends MeshTrust = PeerTrust> = Omit<
  SecureMtlsOptions<Trust>,
  'alpnProtocols' | 'signal'
>

/**
 * Creates channel credentials for grpc-js whose connections are mTLS as `connectMtls` makes it: no frame is sent before the
 * server is verified. Each new connection shows the credential of its moment. A server without ALPN is taken to speak
 * HTTP/2.
 *
 * When a server is refused, calls end with UNAVAILABLE, and their message tells the refusal.
 */
export function createMtlsChannelCredentials<Trust extends MeshTrust>(
  options: MtlsChannelOptions<Trust>,
): ChannelCredentials {
  return new MtlsChannelCredentials(options)
}

type SecureConnector = ReturnType<ChannelCredentials['_createSecureConnector']>

/** What grpc-js asks of credentials; grpc-js-xds extends the same class. */
class MtlsChannelCredentials<Trust extends MeshTrust> extends ChannelCredentials {
  readonly #options: MtlsChannelOptions<Trust>

  constructor(options: MtlsChannelOptions<Trust>) {
    super()
    this.#options = options
  }

  override _isSecure(): boolean {
    return true
  }

  override _equals(other: ChannelCredentials): boolean {
    return this === other
  }

  override _createSecureConnector(
    _target: unknown,
    _channelOptions: unknown,
    callCredentials: CallCredentials = CallCredentials.createEmpty(),
  ): SecureConnector {
    const options = this.#options
    return {
      async connect(connection: Socket) {
        const { socket } = await secureMtls(connection, { ...options, alpnProtocols: ['h2'] })
        socket.allowHalfOpen = false
        return { socket, secure: true }
      },
      waitForReady: () => Promise.resolve(),
      getCallCredentials: () => callCredentials,
      destroy() {},
    }
  }
}
