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

export interface HandshakesOptions {
  readonly observer: TlsObserver
  /** Default {@link MAX_HANDSHAKES}. */
  readonly maxHandshakes?: number
}

/** Keeps count of handshakes, and tells of each that fails. A peer that leaves before it said anything counts as one. */
export function trackHandshakes({ observer, maxHandshakes: limit = MAX_HANDSHAKES }: HandshakesOptions): Handshakes {
  const underWay = new Map<string, Handshake>()
  const hasRoom = roomFor(limit, { count: () => underWay.size, onBusy: () => observer({ type: 'busy', limit }) })
  return {
    begin(raw) {
      raw.on('error', () => undefined) // what matters of it is told by the close
      if (!hasRoom()) {
        raw.resetAndDestroy()
        return undefined
      }
      const name = nameOf(raw)
      const peer = `${raw.remoteAddress}:${raw.remotePort}`
      const end = () => void underWay.delete(name)
      const handshake = watchHandshake(raw, {
        done() {
          end()
          return peer
        },
        closed(cause) {
          end()
          observer({ type: 'refused', peer, ...tlsRefusal(cause) })
        },
      })
      underWay.set(name, handshake)
      return handshake
    },
    find: (socket) => underWay.get(nameOf(socket)),
  }
}

/** One handshake: done, or closed before, with the first reason that was given for that. */
function watchHandshake(
  raw: Socket,
  on: { readonly done: () => string; readonly closed: (cause: unknown) => void },
): Handshake {
  let cause: unknown
  const onClose = (): void => on.closed(cause)
  raw.once('close', onClose)
  return {
    failed: (error) => void (cause ??= error),
    done() {
      raw.off('close', onClose)
      return on.done()
    },
  }
}

/** Says whether there is room for one more, and once when there is none, until half of the room is free again. */
function roomFor(limit: number, { count, onBusy }: { readonly count: () => number; readonly onBusy: () => void }) {
  let busy = false
  return (): boolean => {
    if (count() < limit) {
      busy &&= count() >= limit / 2
      return true
    }
    if (!busy) onBusy()
    busy = true
    return false
  }
}

/** What is the same of a TLS socket and of the TCP socket below it. */
function nameOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`
}
