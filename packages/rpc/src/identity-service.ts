import type { MethodDefinition, UntypedServiceImplementation } from '@grpc/grpc-js'
import { type CertifyRequest, type CertifyResponse, decodeCertifyResponse, encodeCertifyRequest } from './codec.ts'
import { decodeCertifyRequest } from './decode-certify-request.ts'
import { encodeCertifyResponse } from './encode-certify-response.ts'
import { type PortableRpcService, unaryMethod } from './rpc-method.ts'
import { timestampOf } from './timestamp.ts'
import { type CallContext, type RpcObserver, unaryHandler } from './unary-handler.ts'

/** The full name of the service, as health checks and reflection use it. */
export const identityServiceName = 'io.linkerd.proxy.identity.Identity'

/** What grpc-js needs to know of the Identity service. @see linkerd2-proxy-api proto/identity.proto */
export interface IdentityServiceDefinition {
  readonly certify: MethodDefinition<CertifyRequest, CertifyResponse>
  readonly [method: string]: MethodDefinition<CertifyRequest, CertifyResponse>
}

/** The Identity service for grpc-js: one unary method, Certify, with our own serialisers over generated messages. */
export const identityServiceDefinition: IdentityServiceDefinition = {
  certify: {
    path: `/${identityServiceName}/Certify`,
    requestStream: false,
    responseStream: false,
    requestSerialize: encodeCertifyRequest,
    requestDeserialize: decodeCertifyRequest,
    responseSerialize: encodeCertifyResponse,
    responseDeserialize: decodeCertifyResponse,
  },
}

/** Options of {@link createIdentityService}. */
export interface IdentityServiceOptions {
  /**
   * Decides a request. Nothing is checked before it but the size of the message: empty fields, wrong tokens and
   * malformed requests arrive here. Throw an RpcError to choose the answer's status and message.
   */
  certify(request: CertifyRequest, context: CallContext): Promise<CertifyResponse>
  readonly observer?: RpcObserver
}

/** A service to put into a server. */
export interface IdentityService extends PortableRpcService {
  readonly definition: IdentityServiceDefinition
  readonly implementation: UntypedServiceImplementation
}

/**
 * Binds a certify function to the wire.
 *
 * Message size is limited by the server (see `createRpcServer`), not here. A request that is no protobuf message is
 * answered with INTERNAL before the function is called, as the gRPC status table has it.
 */
export function createIdentityService(options: IdentityServiceOptions): IdentityService {
  const handle = async (request: CertifyRequest, context: CallContext): Promise<CertifyResponse> => {
    const response = await options.certify(request, context)
    timestampOf(response.validUntil) // an invalid date is the handler's fault: found here, so that the observer hears of it
    return response
  }
  const { certify: definition } = identityServiceDefinition
  return {
    definition: identityServiceDefinition,
    implementation: { certify: unaryHandler(definition.path, handle, options.observer) },
    methods: [unaryMethod(definition, handle, options.observer)],
  }
}
