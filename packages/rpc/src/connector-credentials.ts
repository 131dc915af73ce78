import type { Socket } from 'node:net'
import { CallCredentials, ChannelCredentials } from '@grpc/grpc-js'

/**
 * Makes a fresh TCP connection to the server secret and sure of its other end, for example by TLS; rejects, and destroys
 * the connection, when it cannot. Nothing but HTTP/2 is spoken on what it gives, without waiting for ALPN.
 */
export type SecureConnection = (connection: Socket) => Promise<Socket>

/**
 * Makes channel credentials of a function that secures each new connection, for a client whose trust changes while it runs:
 * it is called anew for each connection, with no certificate store and no host name in between.
 *
 * gRPC believes it: whom the connection leads to is decided by `secure` alone. What it rejects with ends up in the message
 * of RPC_UNAVAILABLE.
 */
export function createConnectorCredentials(secure: SecureConnection): ChannelCredentials {
  return new ConnectorCredentials(secure)
}

type SecureConnector = ReturnType<ChannelCredentials['_createSecureConnector']>

/** What grpc-js asks of credentials; grpc-js-xds extends the same class. */
class ConnectorCredentials extends ChannelCredentials {
  readonly #secure: SecureConnection

  constructor(secure: SecureConnection) {
    super()
    this.#secure = secure
  }

  override _isSecure(): boolean {
    return true
  }

  override _equals(other: ChannelCredentials): boolean {
    return this === other
  }

  override _createSecureConnector(
    _target: unknown,
    _options: unknown,
    callCredentials: CallCredentials = CallCredentials.createEmpty(),
  ): SecureConnector {
    const secure = this.#secure
    return {
      async connect(connection) {
        return { socket: await secure(connection), secure: true }
      },
      waitForReady: () => Promise.resolve(),
      getCallCredentials: () => callCredentials,
      destroy() {},
    }
  }
}
