import { once } from 'node:events'
import type { ListenOptions, Server } from 'node:net'
import { RpcError } from '../errors.ts'

/**
 * Binds a listener to `host:port` or `unix:/absolute/path`, and gives the port; 0 for a unix socket.
 *
 * @throws RpcError RPC_UNAVAILABLE when the address cannot be bound; `cause` has the system's reason.
 */
export async function listenOn(listener: Server, address: string): Promise<number> {
  try {
    const listening = once(listener, 'listening')
    listener.listen(parseListenAddress(address))
    await listening
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'no reason'
    throw new RpcError('UNAVAILABLE', `cannot listen on ${address}: ${reason}`, { cause })
  }
  const bound = listener.address()
  return bound === null || typeof bound === 'string' ? 0 : bound.port
}

function parseListenAddress(address: string): ListenOptions {
  if (address.startsWith('unix:')) return { path: address.slice('unix:'.length).replace(/^\/\/\//, '/') }
  const [, host, port] = /^(?:\[([^\]]+)\]|[^:]*):(\d+)$/.exec(address) ?? []
  if (port === undefined) throw new RangeError('expected host:port or unix:/path')
  return { host: host ?? address.slice(0, address.lastIndexOf(':')), port: Number(port) }
}
