import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { Agent, type AgentOptions, request, type Server } from 'node:https'
import { text } from 'node:stream/consumers'
import { createMtlsHttpsAgent, createMtlsHttpsServer, type MtlsEndOptions, peerIdentity } from '@meshid/workload'
import { listening, portOf } from '../mtls-rig.ts'
import { type AdapterRow, type RunningServer, seenCode } from './adapter-row.ts'

/** `https.Server` and `https.Agent`. */
export const httpsRow: AdapterRow = {
  name: 'https',
  alpnProtocols: ['http/1.1'],
  startServer: startHttpsServer,
  createClient({ port, source, trust }) {
    const agent = createMtlsHttpsAgent({ source, trust, pool: { maxSockets: 8 } })
    return {
      async ask() {
        const [question] = [request({ host: '127.0.0.1', port, agent }).end()]
        const [response] = (await once(question, 'response')) as [IncomingMessage]
        peerIdentity(response)
        return text(response)
      },
      close: async () => agent.destroy(),
    }
  },
  async askForeign(port, identity) {
    const agent = new Agent({ ...(identity as AgentOptions), rejectUnauthorized: false })
    try {
      const question = request({ host: '127.0.0.1', port, agent }).end()
      const [response] = (await once(question, 'response')) as [IncomingMessage]
      return await text(response)
    } catch (error) {
      return seenCode(error)
    } finally {
      agent.destroy()
    }
  },
}

/** The server of HTTP/1, which undici asks as well. */
export async function startHttpsServer(options: MtlsEndOptions): Promise<RunningServer> {
  // Longer than clients keep idle connections: else, on a busy machine, one asks while it is closed.
  const http = { keepAliveTimeout: 60_000 }
  const server: Server = await listening(
    createMtlsHttpsServer({ ...options, http }, (question, answer) => {
      answer.end(String(peerIdentity(question).spiffeId))
    }),
  )
  const close = (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    server.closeAllConnections()
    return closed
  }
  return { port: portOf(server), server, close }
}
