import type { Duplex } from 'node:stream'
import { type Server, ServerCredentials } from '@grpc/grpc-js'
import { agreeOnHttp2 } from './agree-on-http2.ts'

/** Hands connections to a server that something else accepted; see {@link createConnectionInjector}. */
export interface ConnectionInjector {
  /**
   * Hands over a connection whose other end speaks HTTP/2 from now on: at once, with nothing read from it. The server
   * owns it after that. Once closed, the connection is destroyed instead.
   *
   * @throws TypeError for a TLS connection that agreed (by ALPN) on something else than h2.
   */
  inject(connection: Duplex): void
  /**
   * Takes no more connections, and resolves when all those that were handed over have ended: when the server is drained,
   * at the latest. (grpc-js alone does not wait for them.)
   */
  close(): Promise<void>
}

/**
 * Makes the second door of a server: for the connections of a TLS listener of one's own, for example.
 *
 * Who is at the other end is not asked here, and the server counts such a connection as any other: its limits,
 * keep-alive, drain and forceShutdown hold for it. A TLS connection without ALPN is taken to speak HTTP/2 (prior
 * knowledge, RFC 9113 section 3.3), as linkerd2-proxy's control clients do; Node's own secure server refuses those.
 */
export function createConnectionInjector(server: Server): ConnectionInjector {
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure())
  const open = new Set<Duplex>()
  const waiting: (() => void)[] = []
  let closed = false
  const settle = (): void => {
    if (open.size === 0) for (const resolve of waiting.splice(0)) resolve()
  }
  return {
    inject(connection) {
      agreeOnHttp2(connection)
      // Node's HTTP/2 tells the session of a broken connection, and nobody else: unheard, it would end the process.
      connection.on('error', () => undefined)
      if (closed) {
        connection.destroy()
        return
      }
      open.add(connection)
      connection.once('close', () => {
        open.delete(connection)
        settle()
      })
      injector.injectConnection(connection)
    },
    close() {
      closed = true
      return new Promise((resolve) => {
        waiting.push(resolve)
        settle()
      })
    },
  }
}
