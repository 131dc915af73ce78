import { connect } from 'node:net'
import { formatAddress } from '@meshid/example-operations'
import { createMtlsServer, type MtlsConnection } from '@meshid/workload'
import type { InboundSettings } from './listener-settings.ts'
import { type Listener, type Mesh, startListener } from './listener.ts'
import { splice } from './splice.ts'

/** Ends mTLS in front of the app: every peer shows a certificate that is verified and authorized before a byte passes. */
export function startInbound({ app, listen, serverName, trustOf }: InboundSettings, mesh: Mesh): Promise<Listener> {
  const { source, report } = mesh
  const host = app.host ?? '127.0.0.1'

  const forward = async (connection: MtlsConnection<unknown>): Promise<void> => {
    const toApp = connect({ host, port: app.port, allowHalfOpen: true, noDelay: true })
    let isConnected = false
    toApp.once('connect', () => (isConnected = true))
    const error = await splice(toApp, connection)
    if (error && !isConnected) report.unreachable(formatAddress({ ...app, host }), error)
    else if (error) report.broken('inbound', error)
  }
  return startListener({
    direction: 'inbound',
    address: listen,
    createServer: (track) =>
      createMtlsServer({
        source,
        trust: trustOf(mesh.trust),
        ...(serverName === undefined ? {} : { serverName }),
        onRefused: (error) => report.refused('inbound', error),
        onConnection(connection) {
          track(connection)
          report.verified('inbound', connection.peer)
          void forward(connection)
        },
      }),
  })
}
