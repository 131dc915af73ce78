import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { FaultQueue } from './kubernetes-api-faults.ts'
import { type ApiEndpoint, endpointOf, type RawRequest, route } from './kubernetes-api-router.ts'
import type { ServingCertificate } from './kubernetes-api-serving-certificate.ts'
import type { KubernetesWorld } from './kubernetes-api-world.ts'

/** A server that listens, and what it has counted. */
export interface ApiServer {
  readonly port: number
  readonly counts: ReadonlyMap<ApiEndpoint, number>
  readonly close: () => Promise<void>
}

/** What a server needs to begin. */
export interface ApiServerOptions {
  readonly host: string
  readonly port: number
  readonly nextFault: FaultQueue['next']
  readonly serving: ServingCertificate
}

/** Listens; each request is counted, then delayed, sabotaged or answered. */
export async function listen(
  world: KubernetesWorld,
  { host, port, nextFault, serving }: ApiServerOptions,
): Promise<ApiServer> {
  const counts = new Map<ApiEndpoint, number>()
  const server = createServer({ key: serving.privateKeyPem, cert: serving.certificatePem }, (request, response) => {
    serve(request, response).catch((error: unknown) => response.destroy(error as Error))
  })

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const raw = await read(request)
    const endpoint = endpointOf(raw)
    counts.set(endpoint, (counts.get(endpoint) ?? 0) + 1)
    const fault = await nextFault()
    if (fault !== undefined) return fault(request, response)
    const { status, body } = await route(world, raw)
    response.statusCode = status
    response.setHeader('content-type', endpoint === 'jwks' ? 'application/jwk-set+json' : 'application/json')
    response.end(JSON.stringify(body))
  }

  server.listen(port, host)
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, counts, close: () => close(server) }
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
