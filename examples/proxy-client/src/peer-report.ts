import type { Logger } from '@meshid/example-operations'
import type { LinkerdPeer, PeerIdentity } from '@meshid/workload'
import type { Metrics } from './metrics.ts'

/** Which way a connection goes. */
export type Direction = 'inbound' | 'outbound'

/** A peer that was verified, in a mesh of either kind. */
export type MeshPeer = Pick<PeerIdentity, 'spiffeId' | 'certificate'> | LinkerdPeer

/** Tells the log and the metrics who is at the other end of live connections. */
export interface PeerReport {
  verified(direction: Direction, peer: MeshPeer): void
  /** No connection came about: the peer was refused, or there was none to be had. */
  refused(direction: Direction, error: unknown): void
  /** A connection ended before its time. */
  broken(direction: Direction, error: unknown): void
  /** The app behind inbound does not answer. */
  unreachable(app: string, error: unknown): void
}

/** How many certificates of peers are remembered, so that each is told once at level info. */
const REMEMBERED = 1024

/** A code and a sentence for any error: ours have codes, Node's have codes, others only a message. */
export function describeError(error: unknown): { code: string; reason: string } {
  if (!(error instanceof Error)) return { code: 'UNKNOWN', reason: String(error) }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name
  return { code, reason: error.message }
}

/** Creates the report. */
export function createPeerReport(log: Logger, metrics: Metrics): PeerReport {
  const seen = new Set<string>()
  return {
    verified(direction, peer) {
      const { certificate } = peer
      metrics.connections.inc({ direction, result: 'accepted' })
      const fields = {
        direction,
        peer_id: String('linkerdName' in peer ? peer.linkerdName : peer.spiffeId),
        peer_issuer: certificate.issuer.commonName ?? '',
        peer_not_after: certificate.notAfter.toISOString(),
      }
      const key = `${direction} ${certificate.serialNumber}`
      if (seen.has(key)) return log.debug(fields, 'Peer verified')
      if (seen.size >= REMEMBERED) seen.clear()
      seen.add(key)
      log.info(fields, 'Peer verified')
    },
    refused(direction, error) {
      metrics.connections.inc({ direction, result: 'refused' })
      log.warn({ direction, ...describeError(error) }, 'Peer refused')
    },
    broken(direction, error) {
      metrics.connections.inc({ direction, result: 'broken' })
      log.info({ direction, ...describeError(error) }, 'Connection broken')
    },
    unreachable(app, error) {
      metrics.connections.inc({ direction: 'inbound', result: 'app_unreachable' })
      log.warn({ direction: 'inbound', app, ...describeError(error) }, 'App unreachable')
    },
  }
}
