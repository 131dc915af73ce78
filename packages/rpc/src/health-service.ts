import {
  type handleUnaryCall,
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
export interface HealthService {
  readonly definition: HealthServiceDefinition
  readonly implementation: UntypedServiceImplementation
  /** Sets the status of a service (`''` for the whole server) and tells its watchers if it changed. */
  set(service: string, status: 'SERVING' | 'NOT_SERVING'): void
  /** Makes every service NOT_SERVING for good, tells the watchers and ends their streams with UNAVAILABLE. */
  close(): void
}

type Watch = ServerWritableStream<HealthCheckRequest, HealthStatus>

/** Makes a health service whose given services (`''` for the whole server) are NOT_SERVING until set otherwise. */
export function createHealthService(options: { readonly services: readonly string[] }): HealthService {
  const statuses = new Map<string, HealthStatus>(options.services.map((service) => [service, 'NOT_SERVING']))
  const watches = new Set<Watch>()
  let closed = false

  const set = (service: string, status: HealthStatus): void => {
    if (closed || statuses.get(service) === status) return
    statuses.set(service, status)
    for (const watch of watches) if (watch.request.service === service) watch.write(status)
  }
  const check: handleUnaryCall<HealthCheckRequest, HealthStatus> = (call, respond) => {
    const status = statuses.get(call.request.service)
    if (status === undefined) respond({ code: grpcStatus.NOT_FOUND, details: 'unknown service' })
    else respond(null, status)
  }
  const watch = (call: Watch): void => {
    call.write(statuses.get(call.request.service) ?? 'SERVICE_UNKNOWN')
    if (closed) return endWatch(call)
    watches.add(call)
    call.once('cancelled', () => watches.delete(call))
  }
  const close = (): void => {
    for (const service of statuses.keys()) set(service, 'NOT_SERVING')
    closed = true
    for (const open of watches) endWatch(open)
    watches.clear()
  }
  return { definition: healthServiceDefinition, implementation: { check, watch }, set, close }
}

function endWatch(watch: Watch): void {
  watch.emit('error', { code: grpcStatus.UNAVAILABLE, details: 'the server is shutting down' })
}
