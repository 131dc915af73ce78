import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type Http2Session,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  type ServerOptions,
} from 'node:http2'
import { interceptEvent } from '../intercept-event.ts'
import { guardedTlsOptions, guardTlsServer, type MtlsEndOptions } from '../guard-tls-server.ts'
import type { MeshTrust } from '../mesh-trust.ts'
import type { PeerTrust } from '../verify-peer.ts'
import { createHttp2Drain, type Http2Drain } from './http2-drain.ts'

/** Options of {@link createMtlsHttp2Server}. */
export interface MtlsHttp2ServerOptions<Trust extends MeshTrust = PeerTrust> extends MtlsEndOptions<Trust> {
  /** Those of Node's HTTP/2 server; what it calls TLS options is ours to choose. */
  readonly http2?: ServerOptions
}

/**
 * Creates an `Http2SecureServer` that ends mTLS as `createMtlsServer` does: no frame is read before the peer is verified;
 * `peerIdentity(stream)` says who it is. Peers must agree on h2 by ALPN.
 *
 * A connection that reaches its `lifetime` gets GOAWAY: streams that are open may finish. One that crosses it on its way
 * is refused with REFUSED_STREAM, which says that it may be sent again.
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
  const drains = new WeakMap<Http2Session, Http2Drain>()
  const serve = (deliver: () => void): (() => void) => {
    const clock = options.lifetime?.clock
    let drain: Http2Drain | undefined
    const onSession = (session: ServerHttp2Session): void => {
      if (clock === undefined) return
      drain = createHttp2Drain({ clock, close: () => session.close() })
      drains.set(session, drain)
    }
    // The session is made while its socket is delivered, and tells nobody else whose it is.
    server.once('session', onSession)
    deliver()
    server.removeListener('session', onSession)
    return () => drain?.begin()
  }
  guardTlsServer(server, options, (_connection, deliver) => serve(deliver))
  interceptEvent(server, 'stream', (deliver, opened) => {
    const stream = opened as ServerHttp2Stream
    const { session } = stream
    const drain = session && drains.get(session)
    if (drain) drain.admit(session, () => stream.destroyed || deliver())
    else deliver()
  })
  return server
}
