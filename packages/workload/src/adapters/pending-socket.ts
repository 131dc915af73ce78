import type { Agent } from 'node:http'
import { Socket } from 'node:net'

/** What Node's agent counts by, apart from what its types say. */
interface Pool {
  readonly sockets: Record<string, Socket[]>
  totalSocketCount: number
}

/**
 * Makes a connection that is being opened count in the pool of an agent, which only counts those that are there: otherwise
 * each request of a burst would open one, whatever `maxSockets` says. The result takes it out again; the agent counts what
 * it is given in the same moment.
 */
export function countPending(agent: Agent, name: string): () => void {
  const pool = agent as unknown as Pool
  const placeholder = new Socket()
  const sockets = (pool.sockets[name] ??= [])
  sockets.push(placeholder)
  pool.totalSocketCount += 1
  return () => {
    const index = pool.sockets[name]?.indexOf(placeholder) ?? -1
    if (index < 0) return // The agent was destroyed meanwhile.
    pool.sockets[name]?.splice(index, 1)
    pool.totalSocketCount -= 1
  }
}

/**
 * A socket that fails with an error as soon as somebody listens. Node's agent forgets the requests that wait for a place in
 * its pool when it is given an error, but not when a connection breaks.
 */
export function failedSocket(error: unknown): Socket {
  const socket = new Socket()
  process.nextTick(() => socket.destroy(error instanceof Error ? error : new Error(String(error))))
  return socket
}
