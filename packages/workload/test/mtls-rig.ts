import { once } from 'node:events'
import type { AddressInfo, Server } from 'node:net'
import { connect as connectTcp } from 'node:net'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { authorizeMemberOf } from '@meshid/svid'
import type { TestCa } from '@meshid/testkit'
import {
  connectMtls,
  createCredentialStore,
  createMtlsServer,
  type Credential,
  type CredentialSource,
  type MtlsConnection,
  type MtlsServerOptions,
  type PeerIdentity,
  type PeerTrust,
  trustBundlesOf,
  type WorkloadError,
} from '@meshid/workload'
import { createQueue, type Queue } from './queue.ts'
import { now, trustDomain } from './world.ts'

/** A source that holds one credential for ever. */
export function sourceOf(credential: Credential): CredentialSource {
  const { source, publish } = createCredentialStore()
  publish(credential)
  return source
}

/** Trust in a CA of the trust domain, where every member is welcome. */
export function trustIn(ca: TestCa, changed: Partial<PeerTrust> = {}): PeerTrust {
  const bundles = trustBundlesOf(trustDomain, ca.trustAnchors)
  return { bundles, authorize: authorizeMemberOf(trustDomain), now: () => now, ...changed }
}

export const portOf = (server: Server): number => (server.address() as AddressInfo).port

/** Listens on a free port of this machine. */
export async function listening<T extends Server>(server: T): Promise<T> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

export interface EchoServer extends AsyncDisposable {
  readonly port: number
  readonly server: Server
  readonly peers: Queue<PeerIdentity>
  readonly refused: Queue<WorkloadError>
}

/** An mTLS server that sends back what it gets. */
export async function startEcho(
  options: Pick<MtlsServerOptions, 'source' | 'trust' | 'handshakeTimeoutMs'>,
): Promise<EchoServer> {
  const peers = createQueue<PeerIdentity>()
  const refused = createQueue<WorkloadError>()
  const sockets = new Set<TLSSocket>()
  const server = await listening(
    createMtlsServer({
      ...options,
      onRefused: (error) => refused.push(error),
      onConnection({ socket, peer }) {
        sockets.add(socket)
        socket.on('error', () => {})
        socket.pipe(socket)
        peers.push(peer)
      },
    }),
  )
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
  return { port: portOf(server), server, peers, refused, [Symbol.asyncDispose]: close }
}

/** Connects as a workload does. */
export const dial = (port: number, credential: Credential, trust: PeerTrust): Promise<MtlsConnection> =>
  connectMtls({ host: '127.0.0.1', port, source: sourceOf(credential), trust })

/** Sends a text and waits for as much to come back. */
export async function echo(socket: TLSSocket, text: string): Promise<string> {
  socket.write(text)
  let heard = ''
  while (heard.length < text.length) {
    const [chunk] = (await once(socket, 'data')) as [Buffer]
    heard += chunk.toString()
  }
  return heard
}

/** How a connection ended that was opened without our library, and how many bytes it had heard by then. */
export interface RawEnd {
  readonly code: string | undefined
  readonly bytes: number
}

function endOf(socket: ReturnType<typeof connectTcp>): Promise<RawEnd> {
  let bytes = 0
  let code: string | undefined
  socket.on('data', (chunk: Buffer) => (bytes += chunk.length))
  socket.on('error', (error: NodeJS.ErrnoException) => (code = error.code))
  return new Promise((resolve) => {
    socket.once('close', () => resolve({ code, bytes }))
  })
}

/** Connects with any certificate, trusts anybody, and says something at once. */
export function rawTls(port: number, options: ConnectionOptions): Promise<RawEnd> {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options })
  socket.once('secureConnect', () => socket.write('secret'))
  return endOf(socket)
}

/** Connects without TLS and says something, or nothing. */
export function rawTcp(port: number, text?: string): Promise<RawEnd> {
  const socket = connectTcp({ host: '127.0.0.1', port })
  if (text === '') socket.once('connect', () => socket.destroy())
  else if (text !== undefined) socket.write(text)
  return endOf(socket)
}
