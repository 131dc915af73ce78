import { once } from 'node:events'
import { connect, type Server } from 'node:net'
import { type CredentialSource, createMtlsServer, type PeerTrust } from '@meshid/workload'
import { createConnections } from './connections.ts'
import type { InboundSettings } from './environment.ts'
import type { PeerReport } from './peer-report.ts'
import { splice } from './splice.ts'

/** A listener that runs. */
export interface Listener {
  readonly port: number
  readonly connections: number
  drain(timeoutMs: number): Promise<void>
}

/** The port that a server was given. */
export function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

/** Ends mTLS in front of the app: every peer shows an SVID that is verified and authorized before a byte passes. */
export async function startInbound(
  settings: InboundSettings,
  options: { source: CredentialSource; trust: Omit<PeerTrust, 'authorize'>; report: PeerReport },
): Promise<Listener> {
  const { source, trust, report } = options
  const connections = createConnections()
  const server = createMtlsServer({
    source,
    trust: { ...trust, authorize: settings.authorize },
    onRefused: (error) => report.refused('inbound', error),
    onConnection(socket, peer) {
      report.verified('inbound', peer)
      connections.add(socket)
      const app = connect({
        port: settings.app.port,
        host: settings.app.host ?? '127.0.0.1',
        allowHalfOpen: true,
        noDelay: true,
      })
      void splice(socket, app)
    },
  })
  server.listen(settings.listen.port, settings.listen.host)
  await once(server, 'listening')
  return {
    port: portOf(server),
    get connections() {
      return connections.count
    },
    drain: (timeoutMs) => connections.drain(server, timeoutMs),
  }
}
