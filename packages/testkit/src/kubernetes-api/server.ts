import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { fail, type FaultQueue } from './faults.ts'
import type { ReviewTurn } from './review-limit.ts'
import { type ApiEndpoint, endpointOf, type RawRequest, route } from './router.ts'
import { createServingCertificate } from './serving-certificate.ts'
import type { KubernetesWorld } from './world.ts'

/** A server that listens, and what it has counted. */
export interface ApiServer {
  readonly port: number
  readonly counts: ReadonlyMap<ApiEndpoint, number>
  /** Requests that have no whole answer yet. */
  readonly pending: number
  /** Sockets that are open. */
  readonly connections: number
  /** Cuts every connection and stops listening. */
  readonly close: () => Promise<void>
  /** Listens again, on the same port. */
  readonly reopen: () => Promise<void>
  /** The CA of the certificate that is presented now. */
  readonly caPem: string
  /** Presents the certificate of a new CA from now on; what is connected is cut. */
  readonly rotateCertificate: () => Promise<void>
}

/** What a server needs to begin. */
export interface ApiServerOptions {
  readonly host: string
  readonly port: number
  readonly nextFault: FaultQueue['next']
  readonly reviewTurn: ReviewTurn
}

/** Listens; each request is counted, then delayed, sabotaged or answered. */
export async function listen(world: KubernetesWorld, options: ApiServerOptions): Promise<ApiServer> {
  const counts = new Map<ApiEndpoint, number>()
  const gauges = { pending: 0, connections: 0 }
  const server = createServer((request, response) => {
    gauges.pending += 1
    response.once('close', () => (gauges.pending -= 1))
    serve(world, { request, response, counts, options }).catch((error: unknown) => response.destroy(error as Error))
  })
  server.on('connection', (socket) => {
    gauges.connections += 1
    socket.once('close', () => (gauges.connections -= 1))
  })
  const serving = await presentCertificate(server)
  const port = await open(server, options)
  return {
    port,
    counts,
    get pending() {
      return gauges.pending
    },
    get connections() {
      return gauges.connections
    },
    get caPem() {
      return serving.caPem()
    },
    close: () => close(server),
    reopen: async () => void (await open(server, { host: options.host, port })),
    rotateCertificate: serving.rotate,
  }
}

async function open(server: Server, { host, port }: { readonly host: string; readonly port: number }): Promise<number> {
  server.listen(port, host)
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** Gives the server a certificate of a CA of its own, and another one when it is to rotate. */
async function presentCertificate(server: Server): Promise<{ caPem: () => string; rotate: () => Promise<void> }> {
  let serving = await createServingCertificate()
  const present = (): void => server.setSecureContext({ key: serving.privateKeyPem, cert: serving.certificatePem })
  present()
  return {
    caPem: () => serving.caPem,
    async rotate() {
      serving = await createServingCertificate()
      present()
      server.closeAllConnections()
    },
  }
}

interface Served {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly counts: Map<ApiEndpoint, number>
  readonly options: ApiServerOptions
}

async function serve(world: KubernetesWorld, { request, response, counts, options }: Served): Promise<void> {
  const raw = await read(request)
  const endpoint = endpointOf(raw)
  counts.set(endpoint, (counts.get(endpoint) ?? 0) + 1)
  const fault = await options.nextFault(endpoint)
  if (fault !== undefined) return fault(request, response)
  const turn = endpoint === 'tokenReview' ? await options.reviewTurn(goneSignal(response)) : 'done'
  if (turn === 'refused') return fail(response, { status: 429, retryAfterSeconds: 1 })
  if (turn === 'gone') return
  const { status, body } = await route(world, raw)
  response.statusCode = status
  response.setHeader('content-type', endpoint === 'jwks' ? 'application/jwk-set+json' : 'application/json')
  response.end(JSON.stringify(body))
}

/** Aborts when whoever asked is gone. */
function goneSignal(response: ServerResponse): AbortSignal {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  return gone.signal
}

async function read(request: IncomingMessage): Promise<RawRequest> {
  const { method = '', url = '', headers } = request
  const { pathname } = new URL(url, 'https://kubernetes')
  return { method, path: pathname, authorization: headers.authorization, body: await text(request) }
}

/** Open connections are cut, so that hanging requests end with the server. */
async function close(server: Server): Promise<void> {
  if (!server.listening) return
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}
