import type { Socket } from 'node:net'
import type { TlsObserver } from './tls-event.ts'
import { tlsRefusal } from './tls-refusal.ts'

/** Most handshakes at once: a storm of proxies fits, since each takes some milliseconds; silent peers do not. */
export const MAX_HANDSHAKES = 1024

/** A handshake under way. */
export interface Handshake {
  /** Keeps the reason, to be told when the connection closes. */
  failed(cause: unknown): void
  /** Ends the handshake well, and tells whose it was: address and port. */
  done(): string
}

/** The handshakes that are under way. */
export interface Handshakes {
  /** Counts a new connection in, or resets it when there are too many. */
  begin(raw: Socket): Handshake | undefined
  /** The handshake of a TLS connection, by the addresses of both ends; undefined when it is gone. */
  find(socket: Socket): Handshake | undefined
}

/** Keeps count of handshakes, and tells of each that fails. A peer that leaves before it said anything counts as one. */
export function trackHandshakes(options: {
  readonly observer: TlsObserver
  /** Default {@link MAX_HANDSHAKES}. */
  readonly maxHandshakes?: number
}): Handshakes {
  const { observer, maxHandshakes: limit = MAX_HANDSHAKES } = options
  const underWay = new Map<string, Handshake>()
  let busy = false

  const hasRoom = (): boolean => {
    if (underWay.size < limit) {
      busy &&= underWay.size >= limit / 2
      return true
    }
    if (!busy) observer({ type: 'busy', limit })
    busy = true
    return false
  }
  return {
    begin(raw) {
      raw.on('error', () => undefined) // what matters of it is told by the close
      if (!hasRoom()) {
        raw.resetAndDestroy()
        return undefined
      }
      const name = nameOf(raw)
      const peer = `${raw.remoteAddress}:${raw.remotePort}`
      let cause: unknown
      const onClose = (): void => {
        underWay.delete(name)
        observer({ type: 'refused', peer, ...tlsRefusal(cause) })
      }
      const handshake: Handshake = {
        failed: (error) => void (cause ??= error),
        done() {
          underWay.delete(name)
          raw.off('close', onClose)
          return peer
        },
      }
      raw.once('close', onClose)
      underWay.set(name, handshake)
      return handshake
    },
    find: (socket) => underWay.get(nameOf(socket)),
  }
}

/** What is the same of a TLS socket and of the TCP socket below it. */
function nameOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`
}
