import type { Socket } from 'node:net'
import type { MtlsConnection } from '@meshid/workload'

/**
 * Joins a plain connection and an mTLS one, each direction for itself, until both have ended. When either breaks, both are
 * reset, so that nobody takes a part of the data for the whole. Fulfils when both are closed, with the error if there was one.
 */
export async function splice(plain: Socket, { socket, reset }: MtlsConnection<unknown>): Promise<Error | undefined> {
  let broken: Error | undefined
  const breakOff = (error?: Error): void => {
    broken ??= error
    if (plain.connecting) plain.destroy()
    else plain.resetAndDestroy()
    reset()
  }
  plain.on('error', breakOff)
  socket.on('error', breakOff)
  plain.pipe(socket)
  socket.pipe(plain)
  await Promise.all([plain, socket].map((side) => closed(side, breakOff)))
  return broken
}

/** Waits for the end of one side; when it was closed before its time, the other must not wait for ever. */
function closed(side: Socket, breakOff: () => void): Promise<void> {
  return new Promise((resolve) => {
    side.once('close', () => {
      if (!side.readableEnded || !side.writableFinished) breakOff()
      resolve()
    })
  })
}
