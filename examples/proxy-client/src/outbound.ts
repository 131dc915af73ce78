import { createServer, type Socket } from 'node:net'
import { matchId } from '@meshid/spiffe-id'
import { connectMtls } from '@meshid/workload'
import type { OutboundSettings } from './listener-settings.ts'
import { type Listener, type Mesh, startListener } from './listener.ts'
import { splice } from './splice.ts'

/** Begins mTLS on behalf of local clients: each connection goes to the one peer whose SPIFFE ID was asked for. */
export function startOutbound({ listen, peer, peerId }: OutboundSettings, mesh: Mesh): Promise<Listener> {
  const { source, report } = mesh
  const trust = { ...mesh.trust, authorize: matchId.exact(peerId) }
  const { host = '127.0.0.1', port } = peer

  const forward = async (client: Socket): Promise<void> => {
    const abandoned = new AbortController()
    const abandon = (): void => abandoned.abort()
    client.once('close', abandon)
    try {
      const connection = await connectMtls({ host, port, source, trust, signal: abandoned.signal })
      client.removeListener('close', abandon)
      report.verified('outbound', connection.peer)
      const error = await splice(client, connection)
      if (error) report.broken('outbound', error)
    } catch (error) {
      if (!abandoned.signal.aborted) report.refused('outbound', error)
      client.resetAndDestroy()
    }
  }
  return startListener({
    direction: 'outbound',
    address: listen,
    createServer: (track) =>
      createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
        client.on('error', () => client.destroy())
        track({ socket: client, reset: () => void client.resetAndDestroy() })
        void forward(client)
      }),
  })
}
