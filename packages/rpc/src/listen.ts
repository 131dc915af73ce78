import { type Server, ServerCredentials } from '@grpc/grpc-js'
import { RpcError } from './errors.ts'

/**
 * Binds a server to an address and starts it.
 *
 * `credentials` is `'plaintext'` (h2c: whoever can reach the port can read tokens, so only behind a TLS-ending sidecar
 * or on a local socket) or grpc-js server credentials.
 *
 * @param address `host:port` (port 0 picks one) or `unix:/absolute/path`.
 * @returns the bound port; 0 for a unix socket.
 * @throws RpcError RPC_UNAVAILABLE when the address cannot be bound; `cause` has the system's reason.
 */
export function listenServer(
  server: Server,
  options: { readonly address: string; readonly credentials: 'plaintext' | ServerCredentials },
): Promise<number> {
  const { address } = options
  const credentials = options.credentials === 'plaintext' ? ServerCredentials.createInsecure() : options.credentials
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, port) => {
      if (error === null) resolve(address.startsWith('unix:') ? 0 : port)
      else reject(new RpcError('UNAVAILABLE', `cannot listen on ${address}: ${error.message}`, { cause: error }))
    })
  })
}
