import type { Http2Session, Http2Stream } from 'node:http2'
import type { Server as TlsServer, TLSSocket } from 'node:tls'
import {
  experimental,
  type Server,
  ServerCredentials,
  ServerInterceptingCall,
  type ServerInterceptor,
} from '@grpc/grpc-js'
import { systemClock } from '@meshid/refresh'
import type { MtlsEndOptions } from '../guard-tls-server.ts'
import type { MeshTrust, PeerOf } from '../mesh-trust.ts'
import { createMtlsServer } from '../mtls-server.ts'
import { rememberCaller } from '../peer-identity.ts'
import { DEFAULT_DRAIN_GRACE_MS } from '../connection-lifetime.ts'
import { createHttp2Drain, type Http2Drain } from './http2-drain.ts'
import type { PeerTrust } from '../verify-peer.ts'

/** Options of {@link createMtlsGrpcListener}. */
export type MtlsGrpcListenerOptions<Trust extends MeshTrust = PeerTrust> = MtlsEndOptions<Trust>

/**
 * Creates the door of a grpc-js server through which mTLS comes in as `createMtlsServer` ends it: no frame is read before
 * the peer is verified; `peerIdentity(call)` says who calls. Listen with it instead of `bindAsync`. Peers agree on h2 by
 * ALPN, or on nothing.
 *
 * A connection that reaches its `lifetime` gets GOAWAY; calls under way may finish. Closing the listener lets nobody in any
 * more; the server's `tryShutdown`, called after that, ends the connections.
 */
export function createMtlsGrpcListener<Trust extends MeshTrust>(
  server: Server,
  options: MtlsGrpcListenerOptions<Trust>,
): TlsServer {
  const drains = new WeakMap<TLSSocket, Http2Drain>()
  const { clock = systemClock, drainGraceMs = DEFAULT_DRAIN_GRACE_MS } = options.lifetime ?? {}
  let hasListened = false
  const listener = createMtlsServer({
    ...options,
    alpnProtocols: ['h2'],
    onDrain: ({ socket }) => drains.get(socket)?.begin(),
    onConnection({ socket, peer, reset }) {
      // Its handshake outlasted the server, which would not know of it.
      if (hasListened && !listener.listening) return reset()
      prepareSocket(socket)
      const drain = createHttp2Drain({ clock, close: () => injector.drain(drainGraceMs) })
      // One door for each connection: so every call that comes through it is known to be the peer's.
      const injector = server.createConnectionInjector(credentialsFor(peer, drain))
      drains.set(socket, drain)
      socket.once('close', () => injector.destroy())
      injector.injectConnection(socket)
    },
  })
  listener.once('listening', () => (hasListened = true))
  return listener
}

function prepareSocket(socket: TLSSocket): void {
  socket.allowHalfOpen = false
  if (socket.alpnProtocol === false) socket.alpnProtocol = 'h2' // what Node's HTTP/2 server looks at
  // Node's HTTP/2 tells the session of a broken connection, and nobody else: unheard, it would end the process.
  socket.on('error', () => {})
}

/** "Insecure", because TLS has ended already; each call is noted to be the peer's before its handler hears of it. */
function credentialsFor<Trust extends MeshTrust>(peer: PeerOf<Trust>, drain: Http2Drain): ServerCredentials {
  const interceptor: ServerInterceptor = (_method, call) =>
    new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata(metadata, pass) {
            rememberCaller(metadata, peer)
            drain.admit(sessionOf(call), () => pass(metadata))
          },
        }),
    })
  return experimental.createServerCredentialsWithInterceptors(ServerCredentials.createInsecure(), [interceptor])
}

/** grpc-js keeps the stream to itself; where it is not found, the drain does without the first GOAWAY. */
function sessionOf(call: object): Http2Session | undefined {
  const stream: unknown = Reflect.get(call, 'stream')
  return (stream as Partial<Http2Stream> | undefined)?.session
}
