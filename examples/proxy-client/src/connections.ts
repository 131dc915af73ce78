import type { Server, Socket } from 'node:net'

/** Open connections of one listener, so that they can be drained. */
export interface Connections {
  add(socket: Socket): void
  readonly count: number
  /** Stops listening, gives open connections some time, then breaks those that are left. */
  drain(server: Server, timeoutMs: number): Promise<void>
}

/** Creates the set of a listener's connections. */
export function createConnections(): Connections {
  const open = new Set<Socket>()
  return {
    add(socket) {
      open.add(socket)
      socket.once('close', () => open.delete(socket))
    },
    get count() {
      return open.size
    },
    async drain(server, timeoutMs) {
      const timer = setTimeout(() => {
        for (const socket of open) socket.destroy()
      }, timeoutMs)
      await new Promise((resolve) => server.close(resolve))
      clearTimeout(timer)
    },
  }
}
