import type { Duplex } from 'node:stream'
import { createConnectionInjector } from './connection-injector.ts'
import { type DrainOptions, drainServer } from './drain.ts'
import { listenServer } from './listen.ts'
import { type CallObserver, observeCalls } from './observe-calls.ts'
import type { PortableRpcService } from './rpc-method.ts'
import { createRpcServer, type RpcServerOptions } from './server.ts'

/** A gRPC server on whichever transport; made by {@link createGrpcJsRpcServer} or `createHttp2RpcServer`. */
export interface TransportServer {
  /**
   * Listens in plain text (h2c), `host:port` (port 0 picks one) or `unix:/absolute/path`, and gives the port.
   *
   * @throws RpcError RPC_UNAVAILABLE when the address cannot be bound; `cause` has the system's reason.
   */
  listen(address: string): Promise<number>
  /** Takes a connection that something else accepted; see `createConnectionInjector`. */
  inject(connection: Duplex): void
  /** Stops as `drainServer` does: no new connections and calls, calls in flight may finish until the deadline. */
  drain(options: Omit<DrainOptions, 'injector'>): Promise<'drained' | 'forced'>
  /** Ends every connection at once; the signals of handlers abort. */
  forceShutdown(): void
}

/** Options of both transports. */
export interface TransportServerOptions extends Omit<RpcServerOptions, 'services' | 'interceptors'> {
  readonly services: readonly PortableRpcService[]
  /** Is told of every call of a known method when it comes and when it ends. */
  readonly observer?: CallObserver | undefined
}

/** Makes a server on grpc-js, behind the same interface as `createHttp2RpcServer`. */
export function createGrpcJsRpcServer({ observer, ...options }: TransportServerOptions): TransportServer {
  const interceptors = observer === undefined ? [] : [observeCalls([observer])]
  const server = createRpcServer({ ...options, interceptors })
  const injector = createConnectionInjector(server)
  return {
    listen: (address) => listenServer(server, { address, credentials: 'plaintext' }),
    inject: (connection) => injector.inject(connection),
    drain: (drain) => drainServer(server, { ...drain, injector }),
    forceShutdown() {
      void injector.close()
      server.forceShutdown()
    },
  }
}
