import type { MethodDefinition } from '@grpc/grpc-js'
import type { RpcError } from './errors.ts'
import type { RpcService } from './server.ts'
import type { CallContext, RpcObserver, UnaryHandle } from './unary-handler.ts'

/** A service for either transport: grpc-js takes definition and implementation, `createHttp2RpcServer` the methods. */
export interface PortableRpcService extends RpcService {
  readonly methods: readonly RpcMethod[]
}

/** A method in bytes. */
export type RpcMethod = UnaryMethod | StreamingMethod

/** One request, one response. */
export interface UnaryMethod {
  readonly kind: 'unary'
  readonly path: string
  /** Reads a request, and gives what answers it; throws when the bytes are no request. */
  readonly open: (message: Buffer) => (context: CallContext) => Promise<Buffer>
  readonly observer: RpcObserver | undefined
}

/** One request, any number of responses. */
export interface StreamingMethod {
  readonly kind: 'streaming'
  readonly path: string
  /** Reads a request, and gives what begins to answer it; that gives what is called when the caller is gone. */
  readonly open: (message: Buffer) => (responses: Responses) => () => void
}

/** Where the responses of a streaming call go. */
export interface Responses {
  write(message: Buffer): void
  /** Ends the call. */
  fail(error: RpcError): void
}

/** Binds a unary method to bytes. */
export function unaryMethod<Request, Response>(
  { path, requestDeserialize, responseSerialize }: MethodDefinition<Request, Response>,
  handle: UnaryHandle<Request, Response>,
  observer?: RpcObserver,
): UnaryMethod {
  const open: UnaryMethod['open'] = (message) => {
    const request = requestDeserialize(message)
    return async (context) => responseSerialize(await handle(request, context))
  }
  return { kind: 'unary', path, open, observer }
}
