import {
  type MethodDefinition,
  type ServerWritableStream,
  status as grpcStatus,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js'
import {
  decodeHealthCheckRequest,
  decodeHealthCheckResponse,
  encodeHealthCheckRequest,
  encodeHealthCheckResponse,
  type HealthStatus,
} from './codec.ts'
import { RpcError } from './errors.ts'
import { type PortableRpcService, type StreamingMethod, unaryMethod } from './rpc-method.ts'
import { unaryHandler } from './unary-handler.ts'

/** The full name of the health service. */
export const healthServiceName = 'grpc.health.v1.Health'

/** The name of a service to ask about; empty means the server as a whole. */
export interface HealthCheckRequest {
  readonly service: string
}

/** What grpc-js needs to know of the health service. @see https://github.com/grpc/grpc/blob/master/doc/health-checking.md */
export interface HealthServiceDefinition {
  readonly check: MethodDefinition<HealthCheckRequest, HealthStatus>
  readonly watch: MethodDefinition<HealthCheckRequest, HealthStatus>
  readonly [method: string]: MethodDefinition<HealthCheckRequest, HealthStatus>
}

const serialisers = {
  requestStream: false,
  requestSerialize: ({ service }: HealthCheckRequest): Buffer => encodeHealthCheckRequest(service),
  requestDeserialize: decodeHealthCheckRequest,
  responseSerialize: encodeHealthCheckResponse,
  responseDeserialize: decodeHealthCheckResponse,
} as const

/** The standard health service for grpc-js: Check and Watch. */
export const healthServiceDefinition: HealthServiceDefinition = {
  check: { ...serialisers, path: `/${healthServiceName}/Check`, responseStream: false },
  watch: { ...serialisers, path: `/${healthServiceName}/Watch`, responseStream: true },
}

/** The health of a server, and the service that tells it. */
export interface HealthService extends PortableRpcService {
  readonly definition: HealthServiceDefinition
  readonly implementation: UntypedServiceImplementation
  /** Sets the status of a service (`''` for the whole server) and tells its watchers if it changed. */
  set(service: string, status: 'SERVING' | 'NOT_SERVING'): void
  /** Makes every service NOT_SERVING for good, tells the watchers and ends their streams with UNAVAILABLE. */
  close(): void
}

/** One watcher: whom to tell about which service. */
interface Watch {
  readonly service: string
  tell(status: HealthStatus): void
  end(error: RpcError): void
}

/** Makes a health service whose given services (`''` for the whole server) are NOT_SERVING until set otherwise. */
export function createHealthService(options: { readonly services: readonly string[] }): HealthService {
  const statuses = new Map<string, HealthStatus>(options.services.map((service) => [service, 'NOT_SERVING']))
  const watches = new Set<Watch>()
  let closed = false

  const set = (service: string, status: HealthStatus): void => {
    if (closed || statuses.get(service) === status) return
    statuses.set(service, status)
    for (const watch of watches) if (watch.service === service) watch.tell(status)
  }
  const check = async ({ service }: HealthCheckRequest): Promise<HealthStatus> => {
    const status = statuses.get(service)
    if (status === undefined) throw new RpcError('NOT_FOUND', 'unknown service')
    return status
  }
  const watch = (begun: Watch): (() => void) => {
    begun.tell(statuses.get(begun.service) ?? 'SERVICE_UNKNOWN')
    if (closed) begun.end(shuttingDown())
    else watches.add(begun)
    return () => void watches.delete(begun)
  }
  const close = (): void => {
    for (const service of statuses.keys()) set(service, 'NOT_SERVING')
    closed = true
    for (const open of watches) open.end(shuttingDown())
    watches.clear()
  }
  const definition = healthServiceDefinition
  return {
    definition,
    implementation: {
      check: unaryHandler(definition.check.path, check, undefined),
      watch: (call: ServerWritableStream<HealthCheckRequest, HealthStatus>) =>
        void call.once('cancelled', watch(grpcJsWatch(call))),
    },
    methods: [unaryMethod(definition.check, check), watchMethod(watch)],
    set,
    close,
  }
}

function grpcJsWatch(call: ServerWritableStream<HealthCheckRequest, HealthStatus>): Watch {
  return {
    service: call.request.service,
    tell: (status) => void call.write(status),
    end: ({ status, message }) => void call.emit('error', { code: grpcStatus[status], details: message }),
  }
}

function watchMethod(watch: (begun: Watch) => () => void): StreamingMethod {
  return {
    kind: 'streaming',
    path: healthServiceDefinition.watch.path,
    open(message) {
      const { service } = decodeHealthCheckRequest(message)
      return (responses) =>
        watch({
          service,
          tell: (status) => responses.write(encodeHealthCheckResponse(status)),
          end: (error) => responses.fail(error),
        })
    },
  }
}

function shuttingDown(): RpcError {
  return new RpcError('UNAVAILABLE', 'the server is shutting down')
}
