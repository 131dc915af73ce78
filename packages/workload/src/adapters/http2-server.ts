import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
  type ServerOptions,
} from 'node:http2'
import { guardedTlsOptions, guardTlsServer, type MtlsEndOptions } from '../guard-tls-server.ts'
import type { MeshTrust } from '../mesh-trust.ts'
import type { PeerTrust } from '../verify-peer.ts'
import { drainSession } from './drain-session.ts'

/** Options of {@link createMtlsHttp2Server}. */
export interface MtlsHttp2ServerOptions<Trust extends MeshTrust = PeerTrust> extends MtlsEndOptions<Trust> {
  /** Those of Node's HTTP/2 server; what it calls TLS options is ours to choose. */
  readonly http2?: ServerOptions
}

/**
 * Creates an `Http2SecureServer` that ends mTLS as `createMtlsServer` does: no frame is read before the peer is verified;
 * `peerIdentity(stream)` says who it is. Peers must agree on h2 by ALPN.
 *
 * A connection that reaches its `lifetime` gets GOAWAY: streams that are open may finish, and none that is on its way is
 * lost.
 */
export function createMtlsHttp2Server<Trust extends MeshTrust>(
  options: MtlsHttp2ServerOptions<Trust>,
  listener?: (request: Http2ServerRequest, response: Http2ServerResponse) => void,
): Http2SecureServer {
  const server = createSecureServer({
    ...options.http2,
    ...guardedTlsOptions(options),
    allowHTTP1: false,
    ALPNProtocols: ['h2'],
    noDelay: true,
  })
  if (listener) server.on('request', listener)
  guardTlsServer(server, options, (_connection, deliver) => {
    let session: ServerHttp2Session | undefined
    const onSession = (opened: ServerHttp2Session): void => {
      session = opened
    }
    // The session is made while its socket is delivered, and tells nobody else whose it is.
    server.once('session', onSession)
    deliver()
    server.removeListener('session', onSession)
    return () => {
      if (session && options.lifetime) drainSession(session, options.lifetime.clock)
    }
  })
  return server
}
