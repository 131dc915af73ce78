import { formatAddress, type Logger } from '@meshid/example-operations'
import {
  type ConnectionInjector,
  createConnectionInjector,
  createHealthService,
  createIdentityService,
  createRpcServer,
  drainServer,
  identityServiceName,
  type IdentityServiceOptions,
  listenServer,
} from '@meshid/rpc'
import { boundText, type NamedAddress } from './flag-values.ts'
import { type CallObserver, observeCalls } from './observe-calls.ts'

/** How long calls in flight may take to finish when the server stops. */
export const DRAIN_DEADLINE_MS = 10_000

export interface GrpcServerOptions {
  readonly certify: IdentityServiceOptions['certify']
  readonly observers: readonly CallObserver[]
  readonly log: Logger
}

/** A server that listens. */
export interface GrpcServer {
  /** Takes connections that another listener accepted; the drain ends them too. */
  readonly injector: ConnectionInjector
  /** Takes no more calls, lets those in flight finish, and cuts them off at the deadline. */
  drain(): Promise<void>
}

/** Starts the gRPC server: Certify and the standard health service, in plain text (the pod's sidecar adds TLS, or `startTls`). */
export async function startGrpcServer(addr: NamedAddress, options: GrpcServerOptions): Promise<GrpcServer> {
  const { certify, observers, log } = options
  const health = createHealthService({ services: ['', identityServiceName] })
  const identity = createIdentityService({ certify })
  const server = createRpcServer({ services: [identity, health], interceptors: [observeCalls(observers)] })
  const injector = createConnectionInjector(server)
  const port = await listen(server, addr)
  for (const service of ['', identityServiceName]) health.set(service, 'SERVING')
  const text = boundText(addr, port)
  log.info(`starting gRPC server on ${text}`)
  return {
    injector,
    async drain() {
      log.info(`shutting down gRPC server on ${text}`)
      const outcome = await drainServer(server, { deadlineMs: DRAIN_DEADLINE_MS, health, injector })
      if (outcome === 'forced') log.warn(`calls still in flight after ${DRAIN_DEADLINE_MS} ms were cut off`)
    },
  }
}

/** Without a host: every interface, IPv6 and IPv4, or IPv4 alone where there is no IPv6. */
async function listen(server: Parameters<typeof listenServer>[0], { host, port }: NamedAddress): Promise<number> {
  const bind = (name: string): Promise<number> =>
    listenServer(server, { address: formatAddress({ host: name, port }), credentials: 'plaintext' })
  if (host !== undefined) return bind(host)
  return bind('::').catch(() => bind('0.0.0.0'))
}
