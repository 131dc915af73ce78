import { once } from 'node:events'
import type { Server, Socket } from 'node:net'
import type { ListenAddress } from '@meshid/example-operations'
import type { CredentialSource } from '@meshid/workload'
import type { TrustBase } from './listener-settings.ts'
import type { Direction, PeerReport } from './peer-report.ts'

/** What both directions share. */
export interface Mesh {
  readonly source: CredentialSource
  readonly trust: TrustBase
  readonly report: PeerReport
}

/** An open connection that can be broken off. */
export interface Breakable {
  readonly socket: Socket
  readonly reset: () => void
}

/** A listener that runs. */
export interface Listener {
  readonly direction: Direction
  /** With the port that it was given. */
  readonly address: ListenAddress
  /** Stops listening, gives open connections some time, then breaks off those that are left. */
  drain(timeoutMs: number): Promise<void>
}

/** What {@link startListener} needs. */
export interface ListenerOptions {
  readonly direction: Direction
  readonly address: ListenAddress
  /** Makes the server; it must call `track` for each connection. */
  readonly createServer: (track: (connection: Breakable) => void) => Server
}

/** Starts a server and keeps account of its open connections. */
export async function startListener({ direction, address, createServer }: ListenerOptions): Promise<Listener> {
  const open = new Set<Breakable>()
  const server = createServer((connection) => {
    open.add(connection)
    connection.socket.once('close', () => open.delete(connection))
  })
  server.listen(address.port, address.host)
  await once(server, 'listening')
  const bound = server.address()
  const port = typeof bound === 'object' && bound ? bound.port : address.port
  return {
    direction,
    address: { ...address, port },
    async drain(timeoutMs) {
      const timer = setTimeout(() => {
        for (const { reset } of open) reset()
      }, timeoutMs)
      await new Promise((resolve) => server.close(resolve))
      clearTimeout(timer)
    },
  }
}
