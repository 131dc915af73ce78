import { once } from 'node:events'
import { connect, type TLSSocket } from 'node:tls'
import { connectMtls, createMtlsServer, peerIdentity } from '@meshid/workload'
import { listening, portOf } from '../mtls-rig.ts'
import { type AdapterRow, type ClientOptions, seenCode, type WhoAmIClient } from './adapter-row.ts'

/** How many questions the client asks on one connection before it opens another. */
const QUESTIONS_PER_CONNECTION = 10

/** How many connections the client has at once. */
const MAX_CONNECTIONS = 8

/** Raw TLS with a protocol of one line: a question is answered by the ID of who asks, and `bye` if it was the last. */
export const tlsRow: AdapterRow = {
  name: 'tls',
  alpnProtocols: undefined,
  async startServer(options) {
    const sockets = new Set<TLSSocket>()
    const drained = new WeakSet<TLSSocket>()
    const server = await listening(
      createMtlsServer({
        ...options,
        onDrain: ({ socket }) => drained.add(socket),
        onConnection({ socket }) {
          sockets.add(socket)
          socket.once('close', () => sockets.delete(socket))
          socket.on('error', () => {})
          socket.on('end', () => socket.end())
          socket.on('data', () => {
            socket.write(`${String(peerIdentity(socket).spiffeId)}${drained.has(socket) ? ' bye' : ''}\n`)
          })
        },
      }),
    )
    const close = async (): Promise<void> => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    }
    return { port: portOf(server), server, close }
  },
  createClient: createTlsClient,
  async askForeign(port, identity) {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...identity })
    try {
      return await question(socket)
    } catch (error) {
      return seenCode(error)
    } finally {
      socket.destroy()
    }
  },
}

/** Keeps connections, and lets questions wait while as many as are allowed are asked. */
function createTlsClient(options: ClientOptions): WhoAmIClient {
  const idle: { readonly socket: TLSSocket; asked: number }[] = []
  const waiting: (() => void)[] = []
  let asking = 0
  const ask = async (): Promise<string> => {
    const open = async () => ({ ...(await connectMtls({ host: '127.0.0.1', ...options })), asked: 0 })
    const connection = idle.pop() ?? (await open())
    connection.asked += 1
    const answer = await question(connection.socket)
    if (answer.endsWith(' bye') || connection.asked >= QUESTIONS_PER_CONNECTION) connection.socket.end()
    else idle.push(connection)
    return answer.split(' ')[0] ?? ''
  }
  return {
    async ask() {
      if (asking >= MAX_CONNECTIONS) await new Promise<void>((resolve) => waiting.push(resolve))
      asking += 1
      try {
        return await ask()
      } finally {
        asking -= 1
        waiting.shift()?.()
      }
    },
    async close() {
      for (const { socket } of idle) socket.destroy()
    },
  }
}

async function question(socket: TLSSocket): Promise<string> {
  socket.write('who am I?\n')
  const end = once(socket, 'end').then(() => Promise.reject(new Error('an orderly end')))
  const [chunk] = (await Promise.race([once(socket, 'data'), end])) as [Buffer]
  return chunk.toString().trim()
}
