import { once } from 'node:events'
import { createServer } from 'node:http'

export interface App {
  readonly port: number
  close(): Promise<void>
}

/** The application behind the proxy: plain HTTP, it knows nothing of identities. */
export async function startApp(): Promise<App> {
  const server = createServer((_request, response) => response.end('a vote for :doughnut:\n'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
