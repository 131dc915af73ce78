import {
  Server,
  type ServerInterceptor,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js'

/**
 * Largest request message, in bytes: a CSR is limited to 16 KiB, a token to some kilobytes, a name to 2 KiB.
 * gRPC's own default of 4 MiB would let strangers make the server parse megabytes.
 */
export const MAX_REQUEST_BYTES: number = 64 * 1024

/** Largest response message that a server sends and a client accepts, in bytes: a leaf and a generous chain. */
export const MAX_RESPONSE_BYTES: number = 1024 * 1024

/** Most calls at once on one connection. A sidecar may carry the calls of many workloads over one connection. */
export const MAX_CONCURRENT_STREAMS = 1000

/** How often a server asks a silent client whether it still lives. */
export const SERVER_KEEP_ALIVE_TIME_MS = 60_000

/** How long the answer to a keep-alive ping may take before the connection counts as dead. */
export const KEEP_ALIVE_TIMEOUT_MS = 5000

/** A service with its handlers, as `createIdentityService` and `createHealthService` make it. */
export interface RpcService {
  readonly definition: ServiceDefinition
  readonly implementation: UntypedServiceImplementation
}

/** Options of {@link createRpcServer}. */
export interface RpcServerOptions {
  readonly services: readonly RpcService[]
  /** Larger requests are answered with RESOURCE_EXHAUSTED; default {@link MAX_REQUEST_BYTES}. */
  readonly maxRequestBytes?: number
  /** Default {@link MAX_RESPONSE_BYTES}. */
  readonly maxResponseBytes?: number
  /** Default {@link MAX_CONCURRENT_STREAMS}. */
  readonly maxConcurrentStreams?: number
  /** Default {@link SERVER_KEEP_ALIVE_TIME_MS}. */
  readonly keepAliveTimeMs?: number
  /** Default {@link KEEP_ALIVE_TIMEOUT_MS}. */
  readonly keepAliveTimeoutMs?: number
  /**
   * See every call. One that gRPC itself ends (too large, unreadable, out of time) passes them without a status: they
   * only see it cancelled.
   */
  readonly interceptors?: readonly ServerInterceptor[]
}

/** Makes a grpc-js server that has limits and carries the given services; bind it with `listenServer`. */
export function createRpcServer(options: RpcServerOptions): Server {
  const server = new Server({
    interceptors: [...(options.interceptors ?? [])],
    'grpc.max_receive_message_length': options.maxRequestBytes ?? MAX_REQUEST_BYTES,
    'grpc.max_send_message_length': options.maxResponseBytes ?? MAX_RESPONSE_BYTES,
    'grpc.max_concurrent_streams': options.maxConcurrentStreams ?? MAX_CONCURRENT_STREAMS,
    'grpc.keepalive_time_ms': options.keepAliveTimeMs ?? SERVER_KEEP_ALIVE_TIME_MS,
    'grpc.keepalive_timeout_ms': options.keepAliveTimeoutMs ?? KEEP_ALIVE_TIMEOUT_MS,
    // channelz stays on: without it grpc-js 1.14 loses track of connections, and forceShutdown leaves them open.
  })
  for (const { definition, implementation } of options.services) server.addService(definition, implementation)
  return server
}
