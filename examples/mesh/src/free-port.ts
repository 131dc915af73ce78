import { once } from 'node:events'
import { createServer } from 'node:net'

/** A TCP port of this machine that nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (typeof address !== 'object' || address === null)
    throw new Error('expected a TCP port from the system, found none')
  return address.port
}
