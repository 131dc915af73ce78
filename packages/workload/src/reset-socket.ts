import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'

/**
 * Ends a TLS connection with a TCP reset. Only the TCP socket below can send one, but resetting that one directly pulls it
 * from under TLS, which can crash Node when TLS ends too. So TLS is destroyed as usual, from the top, and the TCP socket,
 * when its turn comes, resets instead of closing. Does nothing to a connection that has ended.
 */
export function resetSocket(socket: TLSSocket, raw: Socket): void {
  const destroy = raw.destroy.bind(raw)
  raw.destroy = (error) => {
    raw.destroy = destroy // what resetAndDestroy calls
    return error === undefined && !raw.destroyed ? raw.resetAndDestroy() : destroy(error)
  }
  socket.destroy()
}
