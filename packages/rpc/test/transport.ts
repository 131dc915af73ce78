import { createGrpcJsRpcServer, createHttp2RpcServer, type Http2ServerOptions, type TransportServer } from '@meshid/rpc'

const factories = { 'grpc-js': createGrpcJsRpcServer, http2: createHttp2RpcServer } as const

/** The transport that the servers of this test file use. */
let transport: keyof typeof factories = 'grpc-js'

/** Lets all servers of this test file use a transport; see http2/same-tests.test.ts. */
export function useTransport(name: keyof typeof factories): void {
  transport = name
}

/** A server on the transport under test. */
export function createServer(options: Http2ServerOptions): TransportServer {
  return factories[transport](options)
}
