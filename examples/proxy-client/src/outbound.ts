import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { matchId } from '@meshid/spiffe-id'
import { connectMtls, type CredentialSource, type PeerTrust } from '@meshid/workload'
import { createConnections } from './connections.ts'
import type { OutboundSettings } from './environment.ts'
import { type Listener, portOf } from './inbound.ts'
import type { PeerReport } from './peer-report.ts'
import { splice } from './splice.ts'

/** Begins mTLS on behalf of local clients: each connection goes to the one peer whose SPIFFE ID was asked for. */
export async function startOutbound(
  settings: OutboundSettings,
  options: { source: CredentialSource; trust: Omit<PeerTrust, 'authorize'>; report: PeerReport },
): Promise<Listener> {
  const { source, report } = options
  const trust = { ...options.trust, authorize: matchId.exact(settings.peerId) }
  const connections = createConnections()

  const forward = async (client: Socket): Promise<void> => {
    try {
      const { socket, peer } = await connectMtls({
        host: settings.peer.host ?? '127.0.0.1',
        port: settings.peer.port,
        source,
        trust,
      })
      report.verified('outbound', peer)
      await splice(client, socket)
    } catch (error) {
      report.refused('outbound', error)
      client.resetAndDestroy()
    }
  }
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    connections.add(client)
    client.on('error', () => client.destroy())
    void forward(client)
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
