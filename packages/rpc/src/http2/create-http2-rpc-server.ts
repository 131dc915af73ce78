import { createServer, type Http2Server } from 'node:http2'
import { createServer as createListener } from 'node:net'
import { agreeOnHttp2 } from '../agree-on-http2.ts'
import type { RpcMethod } from '../rpc-method.ts'
import type { TransportServer, TransportServerOptions } from '../rpc-server.ts'
import { MAX_CONCURRENT_STREAMS } from '../server.ts'
import { Arrivals } from './arrivals.ts'
import { listenOn } from './listen-address.ts'
import { serveSession } from './serve-session.ts'
import { OpenSessions } from './open-sessions.ts'
import { TurnQueue } from './turn-queue.ts'

/** Largest header block of a request, in bytes. */
export const MAX_HEADER_LIST_BYTES: number = 16 * 1024

/** How long a request may take to arrive, from its header to its last byte: a Certify has a few kilobytes. */
export const REQUEST_BODY_TIMEOUT_MS = 10_000

/** Options of {@link createHttp2RpcServer}. */
export interface Http2ServerOptions extends TransportServerOptions {
  /** Slower requests are answered with DEADLINE_EXCEEDED; default {@link REQUEST_BODY_TIMEOUT_MS}. */
  readonly requestBodyTimeoutMs?: number
}

/**
 * Makes a gRPC server directly on Node's HTTP/2, which costs less a call than grpc-js. It carries unary and
 * server-streaming methods, without compression.
 *
 * Limits, deadlines, cancellation, keep-alive and drain are those of `createRpcServer`; besides, a request must arrive in
 * time whatever deadline its caller names, and a connection that resets calls or sends PING or SETTINGS frames too often is
 * dropped with ENHANCE_YOUR_CALM.
 *
 * @see https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 */
export function createHttp2RpcServer(options: Http2ServerOptions): TransportServer {
  const sessions = new OpenSessions()
  const server = createSessions(options, sessions)
  // A listener of its own: Node's HTTP/2 server would close its sessions at once when it stops listening.
  const listener = createListener({ noDelay: true }, (socket) => server.emit('connection', socket))
  let closed = false
  const close = (): void => {
    closed = true
    if (listener.listening) listener.close()
  }
  return {
    listen: (address) => listenOn(listener, address),
    inject(connection) {
      agreeOnHttp2(connection)
      connection.on('error', () => undefined) // the session tells
      if (closed) connection.destroy()
      else server.emit('connection', connection)
    },
    drain({ deadlineMs, health }) {
      close()
      health?.close()
      return sessions.drain(deadlineMs)
    },
    forceShutdown() {
      close()
      sessions.destroy()
    },
  }
}

/** The HTTP/2 half: it never listens, connections are handed to it. */
function createSessions(options: Http2ServerOptions, sessions: OpenSessions): Http2Server {
  const { maxConcurrentStreams = MAX_CONCURRENT_STREAMS, services } = options
  const { requestBodyTimeoutMs = REQUEST_BODY_TIMEOUT_MS } = options
  const methods = new Map<string, RpcMethod>()
  for (const service of services) for (const method of service.methods) methods.set(method.path, method)
  const arrivals = new Arrivals(requestBodyTimeoutMs)
  const turn = new TurnQueue()
  const server = createServer({
    settings: { maxConcurrentStreams, maxHeaderListSize: MAX_HEADER_LIST_BYTES },
    // Node would refuse calls long before our own limits are reached.
    maxSessionMemory: Number.MAX_SAFE_INTEGER,
  })
  server.on('session', (session) => {
    const drain = sessions.add(session)
    serveSession(session, methods, { ...options, arrivals, turn, drain })
  })
  return server
}
