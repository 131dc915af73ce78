export { type CertifyRequest, type CertifyResponse, type HealthStatus } from './codec.ts'
export { type ConnectionInjector, createConnectionInjector } from './connection-injector.ts'
export { createConnectorCredentials, type SecureConnection } from './connector-credentials.ts'
export { type DrainOptions, drainServer } from './drain.ts'
export {
  MAX_STATUS_MESSAGE_LENGTH,
  RpcError,
  type RpcErrorCode,
  rpcErrorCodes,
  type RpcErrorDetail,
  type RpcErrorOptions,
  type RpcStatus,
  rpcStatusNumbers,
  rpcStatusOf,
} from './errors.ts'
export {
  createHealthService,
  type HealthCheckRequest,
  type HealthService,
  healthServiceDefinition,
  type HealthServiceDefinition,
  healthServiceName,
} from './health-service.ts'
export { createHttp2RpcServer, type Http2ServerOptions } from './http2/create-http2-rpc-server.ts'
export { MAX_HEADER_LIST_BYTES, REQUEST_BODY_TIMEOUT_MS } from './http2/create-http2-rpc-server.ts'
export { createIdentityClient, type IdentityClient, type IdentityClientOptions } from './identity-client.ts'
export { CERTIFY_DEADLINE_MS, CLIENT_KEEP_ALIVE_TIME_MS, MAX_RECONNECT_DELAY_MS } from './identity-client.ts'
export { createIdentityService, type IdentityService, type IdentityServiceOptions } from './identity-service.ts'
export { identityServiceDefinition, type IdentityServiceDefinition, identityServiceName } from './identity-service.ts'
export { listenServer } from './listen.ts'
export { type CallObserver, type EndedCall, observeCalls } from './observe-calls.ts'
export { isRetryable } from './retry.ts'
export type { PortableRpcService, RpcMethod } from './rpc-method.ts'
export { createGrpcJsRpcServer, type TransportServer, type TransportServerOptions } from './rpc-server.ts'
export { createRpcServer, type RpcServerOptions, type RpcService } from './server.ts'
export { KEEP_ALIVE_TIMEOUT_MS, MAX_CONCURRENT_STREAMS, MAX_REQUEST_BYTES } from './server.ts'
export { MAX_RESPONSE_BYTES, SERVER_KEEP_ALIVE_TIME_MS } from './server.ts'
export { MAX_RETRY_AFTER_MS } from './status-details.ts'
export type { CallOptions } from './unary-call.ts'
export { type CallContext, type FinishedCall, INTERNAL_ERROR_MESSAGE, type RpcObserver } from './unary-handler.ts'
