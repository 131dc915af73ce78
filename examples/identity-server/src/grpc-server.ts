import { formatAddress, type Logger } from '@meshid/example-operations'
import {
  type CallObserver,
  createGrpcJsRpcServer,
  createHealthService,
  createHttp2RpcServer,
  createIdentityService,
  identityServiceName,
  type IdentityServiceOptions,
  type TransportServer,
} from '@meshid/rpc'
import { boundText, type NamedAddress } from './flag-values.ts'

/** How long calls in flight may take to finish when the server stops. */
export const DRAIN_DEADLINE_MS = 10_000

/** What carries the calls; the same to every caller. */
const transports = { 'grpc-js': createGrpcJsRpcServer, http2: createHttp2RpcServer } as const

export interface GrpcServerOptions {
  readonly transport: keyof typeof transports
  readonly certify: IdentityServiceOptions['certify']
  readonly observers: readonly CallObserver[]
  readonly log: Logger
}

/** A server that listens. */
export interface GrpcServer {
  /** Takes connections that another listener accepted; the drain ends them too. */
  readonly injector: Pick<TransportServer, 'inject'>
  /** Takes no more calls, lets those in flight finish, and cuts them off at the deadline. */
  drain(): Promise<void>
}

/** Starts the gRPC server: Certify and the standard health service, in plain text (the pod's sidecar adds TLS, or `startTls`). */
export async function startGrpcServer(addr: NamedAddress, options: GrpcServerOptions): Promise<GrpcServer> {
  const { certify, observers, log, transport } = options
  const health = createHealthService({ services: ['', identityServiceName] })
  const identity = createIdentityService({ certify })
  const server = transports[transport]({ services: [identity, health], observer: tellAll(observers) })
  const port = await listen(server, addr)
  for (const service of ['', identityServiceName]) health.set(service, 'SERVING')
  const text = boundText(addr, port)
  log.info(`starting gRPC server on ${text}`)
  return {
    injector: server,
    async drain() {
      log.info(`shutting down gRPC server on ${text}`)
      const outcome = await server.drain({ deadlineMs: DRAIN_DEADLINE_MS, health })
      if (outcome === 'forced') log.warn(`calls still in flight after ${DRAIN_DEADLINE_MS} ms were cut off`)
    },
  }
}

/** Without a host: every interface, IPv6 and IPv4, or IPv4 alone where there is no IPv6. */
async function listen(server: TransportServer, { host, port }: NamedAddress): Promise<number> {
  const bind = (name: string): Promise<number> => server.listen(formatAddress({ host: name, port }))
  if (host !== undefined) return bind(host)
  return bind('::').catch(() => bind('0.0.0.0'))
}

/** Tells each observer, in their order. */
function tellAll(observers: readonly CallObserver[]): CallObserver {
  return {
    started(path) {
      for (const observer of observers) observer.started(path)
    },
    ended(call) {
      for (const observer of observers) observer.ended(call)
    },
  }
}
