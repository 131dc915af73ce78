import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Credential } from './credential.ts'
import { resetSocket } from './reset-socket.ts'

/** What is known of a connection before its handshake. */
export interface AcceptedConnection {
  /** The one that its handshake began with. */
  readonly credential: Credential | undefined
  /** Breaks the connection off with a TCP reset, where it is TCP. */
  readonly reset: () => void
}

/** Finds what lies below a TLS socket: only the TCP socket can be reset. */
export interface AcceptedConnections {
  add(raw: Socket, credential: Credential): void
  find(socket: TLSSocket): AcceptedConnection
}

/** Creates an empty account of connections, by their four addresses, which no two open ones share. */
export function createAcceptedConnections(): AcceptedConnections {
  const accepted = new Map<string, { readonly raw: Socket; readonly credential: Credential }>()
  return {
    add(raw, credential) {
      const name = nameOf(raw)
      if (name === undefined) return
      accepted.set(name, { raw, credential })
      raw.once('close', () => accepted.delete(name))
    },
    find(socket) {
      const name = nameOf(socket)
      const found = name === undefined ? undefined : accepted.get(name)
      if (found === undefined) return { credential: undefined, reset: () => void socket.destroy() }
      return { credential: found.credential, reset: () => resetSocket(socket, found.raw) }
    },
  }
}

/** Unix sockets have no addresses, and neither has a connection that is gone. */
function nameOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string | undefined {
  return remotePort === undefined ? undefined : `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`
}
