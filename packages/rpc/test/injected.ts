import { once } from 'node:events'
import net from 'node:net'
import tls from 'node:tls'
import { createTestCa } from '@meshid/testkit'
import { parseSpiffeId } from '@meshid/spiffe-id'
import { encodePem } from '@meshid/der'
import type { RunningServer } from './identity-server.ts'

/** A listener of its own, whose connections a server is handed. */
export interface Door extends AsyncDisposable {
  readonly port: number
  /** Why connections could not be handed over. */
  readonly refusals: readonly unknown[]
}

/** Opens a plain TCP door to a server. */
export async function openDoor({ server }: RunningServer): Promise<Door> {
  return openWith(server, 'connection', net.createServer())
}

/** Opens a TLS 1.3 door to a server. */
export async function openTlsDoor({ server }: RunningServer, ALPNProtocols: readonly string[]): Promise<Door> {
  const ca = await createTestCa({ now: new Date() })
  const { leaf, privateKey } = await ca.issue({ spiffeId: parseSpiffeId('spiffe://cluster.local/identity') })
  const cert = encodePem('CERTIFICATE', leaf)
  const key = privateKey.toPkcs8Pem()
  return openWith(server, 'secureConnection', tls.createServer({ cert, key, ALPNProtocols: [...ALPNProtocols] }))
}

async function openWith(server: RunningServer['server'], event: string, listener: net.Server): Promise<Door> {
  const refusals: unknown[] = []
  listener.on(event, (socket: net.Socket) => {
    try {
      server.inject(socket)
    } catch (error) {
      refusals.push(error)
      socket.destroy()
    }
  })
  await once(listener.listen(0, '127.0.0.1'), 'listening')
  const bound = listener.address()
  if (bound === null || typeof bound === 'string') throw new Error('expected a TCP address')
  return {
    port: bound.port,
    refusals,
    async [Symbol.asyncDispose]() {
      listener.close()
    },
  }
}
