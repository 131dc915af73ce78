export { createMtlsChannelCredentials, type MtlsChannelOptions } from './adapters/grpc-channel-credentials.ts'
export { createMtlsGrpcListener, type MtlsGrpcListenerOptions } from './adapters/grpc-listener.ts'
