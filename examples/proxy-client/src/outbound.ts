import { createServer, type Socket } from 'node:net'
import { connectMtls } from '@meshid/workload'
import type { OutboundSettings } from './listener-settings.ts'
import { type Listener, type Mesh, startListener } from './listener.ts'
import { splice } from './splice.ts'

/** Begins mTLS on behalf of local clients: each connection goes to the one peer whose name was given. */
export function startOutbound({ listen, peer, serverName, trustOf }: OutboundSettings, mesh: Mesh): Promise<Listener> {
  const { source, report } = mesh
  const trust = trustOf(mesh.trust)
  const asked = serverName === undefined ? {} : { serverName }
  const { host = '127.0.0.1', port } = peer

  const forward = async (client: Socket): Promise<void> => {
    const abandoned = new AbortController()
    const abandon = (): void => abandoned.abort()
    client.once('close', abandon)
    try {
      const connection = await connectMtls({ host, port, source, trust, signal: abandoned.signal, ...asked })
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
