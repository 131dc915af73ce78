import type { IncomingMessage, RequestListener, ServerOptions, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { Socket } from 'node:net'
import { guardedTlsOptions, guardTlsServer, type MtlsEndOptions } from '../guard-tls-server.ts'
import type { MeshTrust } from '../mesh-trust.ts'
import type { PeerTrust } from '../verify-peer.ts'

/** Options of {@link createMtlsHttpsServer}. */
export interface MtlsHttpsServerOptions<Trust extends MeshTrust = PeerTrust> extends MtlsEndOptions<Trust> {
  /** Those of Node's HTTP server; what it calls TLS options is ours to choose. */
  readonly http?: ServerOptions
}

/**
 * Creates an `https.Server` that ends mTLS as `createMtlsServer` does: no request is read before the peer is verified;
 * `peerIdentity(request)` says who it is. Express, Fastify and others take it as they take any.
 *
 * A connection that reaches its `lifetime` gets `Connection: close` with its next response, and ends after it.
 */
export function createMtlsHttpsServer<Trust extends MeshTrust>(
  options: MtlsHttpsServerOptions<Trust>,
  listener?: RequestListener,
): Server {
  const server = createServer({
    ...options.http,
    ...guardedTlsOptions(options),
    ALPNProtocols: ['http/1.1'],
    noDelay: true,
  })
  const drain = drainHttp1(server)
  if (listener) server.on('request', listener)
  guardTlsServer(server, options, ({ socket }, deliver) => {
    deliver()
    return () => drain(socket)
  })
  return server
}

/** Lets an HTTP/1 connection end with the next response whose headers are not sent yet. */
function drainHttp1(server: Server): (socket: Socket) => void {
  const drained = new WeakSet<Socket>()
  const latest = new WeakMap<Socket, ServerResponse>()
  const sayGoodbye = (response: ServerResponse | undefined): void => {
    if (response?.headersSent === false) response.setHeader('Connection', 'close')
  }
  const onRequest = ({ socket }: IncomingMessage, response: ServerResponse): void => {
    latest.set(socket, response)
    if (drained.has(socket)) sayGoodbye(response)
  }
  server.on('request', onRequest)
  return (socket) => {
    drained.add(socket)
    sayGoodbye(latest.get(socket))
  }
}
