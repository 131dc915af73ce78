import type { Clock } from '@meshid/refresh'
import type { CredentialSource } from './credential-source.ts'
import type { Credential } from './credential.ts'

/** How long a drained connection may go on by default, in milliseconds. */
export const DEFAULT_DRAIN_GRACE_MS = 30_000

/** When connections that live on are brought to an end; without it, they live as long as both sides want. */
export interface ConnectionLifetime {
  readonly clock: Clock
  /** Connections that are older are drained, in milliseconds. Default: no age. */
  readonly maxConnectionAgeMs?: number
  /**
   * What happens to connections that began with an earlier credential when a new one comes: `live-on` (the default) or
   * `drain`.
   */
  readonly onRotation?: 'live-on' | 'drain'
  /** How long a drained connection may go on until it is ended. Default {@link DEFAULT_DRAIN_GRACE_MS}. */
  readonly drainGraceMs?: number
}

/** A connection whose life is watched. */
export interface WatchedConnection {
  readonly socket: { once(event: 'close', listener: () => void): unknown; destroySoon(): void }
  /** The one that it began with, where that is known. */
  readonly credential: Credential | undefined
  /** Asks the other side to go, in the way of the protocol; is called once at most. */
  readonly drain: () => void
}

/**
 * Watches over one connection: drains it when it is too old or when a newer credential is there, and ends it when the grace
 * is over.
 */
export function watchLifetime(
  { socket, credential, drain }: WatchedConnection,
  source: CredentialSource,
  lifetime: ConnectionLifetime,
): void {
  const { clock, maxConnectionAgeMs, onRotation = 'live-on', drainGraceMs = DEFAULT_DRAIN_GRACE_MS } = lifetime
  const ends: (() => void)[] = []
  const stop = (): void => {
    for (const end of ends.splice(0)) end()
  }
  const begin = (): void => {
    stop()
    ends.push(clock.setTimer(drainGraceMs, () => socket.destroySoon()))
    drain()
  }
  socket.once('close', stop)
  if (maxConnectionAgeMs !== undefined) ends.push(clock.setTimer(maxConnectionAgeMs, begin))
  if (onRotation === 'live-on') return
  ends.push(source.onChange((latest) => latest !== credential && begin()))
  // The credential may have changed while the connection was made.
  if (source.current !== credential) begin()
}
