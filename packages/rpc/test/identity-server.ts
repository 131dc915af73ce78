import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type CallContext,
  type CertifyRequest,
  type CertifyResponse,
  createIdentityService,
  type FinishedCall,
  type Http2ServerOptions,
  type PortableRpcService,
  type TransportServer,
} from '@meshid/rpc'
import { createServer } from './transport.ts'

export interface RunningServer extends AsyncDisposable {
  readonly server: TransportServer
  /** A gRPC target for clients. */
  readonly address: string
  /** What a socket connects to: a port or a path. */
  readonly socket: { readonly port: number; readonly host: string } | { readonly path: string }
  readonly finished: readonly FinishedCall[]
}

export type Certify = (request: CertifyRequest, context: CallContext) => Promise<CertifyResponse>

export const request: CertifyRequest = {
  identity: 'spiffe://cluster.local/ns/emojivoto/sa/web',
  token: new TextEncoder().encode('not a real token\n'),
  certificateSigningRequest: Uint8Array.of(0x30, 0x03, 0x02, 0x01, 0x00),
}

export const response: CertifyResponse = {
  leafCertificate: Uint8Array.of(0x30, 0x01, 0x01),
  intermediateCertificates: [Uint8Array.of(0x30, 0x02), Uint8Array.of(0x30, 0x03)],
  validUntil: new Date('2026-11-22T10:20:30.456Z'),
}

/** A real server on a real socket, with an identity service made of the given function. */
export async function startIdentityServer(
  certify: Certify,
  options: { unix?: boolean; services?: readonly PortableRpcService[] } & Omit<Http2ServerOptions, 'services'> = {},
): Promise<RunningServer> {
  const { unix = false, services = [], ...limits } = options
  const finished: FinishedCall[] = []
  const identity = createIdentityService({ certify, observer: { finished: (call) => void finished.push(call) } })
  const server = createServer({ services: [identity, ...services], ...limits })
  const folder = unix ? await mkdtemp(join(tmpdir(), 'meshid-rpc-')) : undefined
  const path = folder === undefined ? undefined : join(folder, 'identity.sock')
  const listenAddress = path === undefined ? '127.0.0.1:0' : `unix:${path}`
  const port = await server.listen(listenAddress)
  return {
    server,
    finished,
    address: path === undefined ? `127.0.0.1:${port}` : listenAddress,
    socket: path === undefined ? { port, host: '127.0.0.1' } : { path },
    async [Symbol.asyncDispose]() {
      server.forceShutdown()
      if (folder !== undefined) await rm(folder, { recursive: true })
    },
  }
}

/** A certify function that stays until its signal aborts, and what it saw then. */
export function waitForAbort(): { certify: Certify; called: Promise<CallContext>; aborted: Promise<unknown> } {
  const called = deferred<CallContext>()
  const aborted = deferred<unknown>()
  const certify: Certify = (_request, context) => {
    called.resolve(context)
    return new Promise((_resolve, reject) => {
      context.signal.addEventListener('abort', () => {
        aborted.resolve(context.signal.reason)
        reject(context.signal.reason as Error)
      })
    })
  }
  return { certify, called: called.promise, aborted: aborted.promise }
}

export function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
