import { createServer, type SecureContextOptions, type TLSSocket } from 'node:tls'
import { listening, portOf } from '../mtls-rig.ts'
import { createQueue, type Queue } from '../queue.ts'
import { seenCode } from './adapter-row.ts'

/** A TLS server without our library. */
export interface ForeignServer extends AsyncDisposable {
  readonly port: number
  /** Codes of the errors that it sees, as its log would show them. */
  readonly seen: Queue<string>
  /** What it was told. */
  readonly heard: readonly string[]
  /** Of each connection, whether its session was resumed. */
  readonly resumed: Queue<boolean>
}

/** Starts one that asks for a certificate, believes anybody and never answers. */
export async function startForeignServer(
  identity: SecureContextOptions,
  alpnProtocols: readonly string[] = [],
): Promise<ForeignServer> {
  const seen = createQueue<string>()
  const resumed = createQueue<boolean>()
  const heard: string[] = []
  const sockets = new Set<TLSSocket>()
  const alpn = alpnProtocols.length === 0 ? {} : { ALPNProtocols: [...alpnProtocols] }
  const server = createServer({ ...identity, ...alpn, requestCert: true, rejectUnauthorized: false })
  server.on('tlsClientError', (error) => seen.push(seenCode(error)))
  server.on('secureConnection', (socket) => {
    sockets.add(socket)
    socket.on('data', (chunk) => heard.push(String(chunk)))
    socket.on('error', (error) => seen.push(seenCode(error)))
    resumed.push(socket.isSessionReused())
  })
  await listening(server)
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
  return { port: portOf(server), seen, heard, resumed, [Symbol.asyncDispose]: close }
}
