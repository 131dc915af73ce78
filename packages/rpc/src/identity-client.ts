import { type ChannelCredentials, Client, credentials as grpcCredentials } from '@grpc/grpc-js'
import { type CertifyRequest, type CertifyResponse, encodeCertifyRequest } from './codec.ts'
import { RpcError } from './errors.ts'
import { identityServiceDefinition } from './identity-service.ts'
import { KEEP_ALIVE_TIMEOUT_MS, MAX_REQUEST_BYTES, MAX_RESPONSE_BYTES } from './server.ts'
import { type CallOptions, unaryCall } from './unary-call.ts'

/** How long a Certify call may take if the caller does not say: the server asks the API server on the way. */
export const CERTIFY_DEADLINE_MS = 10_000

/** How long a connection may be silent before it is pinged. Only while a call waits: idle pings anger some servers. */
export const CLIENT_KEEP_ALIVE_TIME_MS = 20_000

/** Longest wait between two attempts to connect; gRPC's own two minutes would outlast a short-lived certificate. */
export const MAX_RECONNECT_DELAY_MS = 5000

/** Options of {@link createIdentityClient}. */
export interface IdentityClientOptions {
  /** `host:port`, `unix:/absolute/path`, or another gRPC target. */
  readonly address: string
  /** `'plaintext'` sends the token in the clear: only to a local socket, or where a sidecar adds TLS. */
  readonly credentials: 'plaintext' | ChannelCredentials
  /** The `:authority` to name, when it is not the address. */
  readonly authority?: string
  /** Default {@link CERTIFY_DEADLINE_MS}. */
  readonly deadlineMs?: number
  /** Larger requests are not sent; default {@link MAX_REQUEST_BYTES}. */
  readonly maxRequestBytes?: number
  /** Larger responses are refused; default {@link MAX_RESPONSE_BYTES}. */
  readonly maxResponseBytes?: number
  /** Default {@link CLIENT_KEEP_ALIVE_TIME_MS}. */
  readonly keepAliveTimeMs?: number
  /** Default {@link KEEP_ALIVE_TIMEOUT_MS}. */
  readonly keepAliveTimeoutMs?: number
}

/** A connection to an identity server. */
export interface IdentityClient extends Disposable {
  /**
   * Asks for a certificate. The answer is what the server says and nothing more: verify chain, name, key and times.
   *
   * @throws RpcError with the server's status and message, or RPC_RESOURCE_EXHAUSTED (request over the limit),
   * RPC_DEADLINE_EXCEEDED, RPC_UNAVAILABLE (no connection), RPC_INTERNAL (an answer that cannot be read),
   * RPC_CANCELLED (the client was closed); `signal.reason` when the signal aborts.
   */
  certify(request: CertifyRequest, options?: CallOptions): Promise<CertifyResponse>
  /** Gives up the connection. Calls in flight may finish, later ones are refused. */
  close(): void
}

/**
 * Makes a client of the Identity API. It connects when first called and reconnects by itself; it does not retry calls.
 *
 * A dead connection is found by a keep-alive ping while a call waits (Q37), and each call has a deadline.
 */
export function createIdentityClient(options: IdentityClientOptions): IdentityClient {
  const { address, credentials, deadlineMs = CERTIFY_DEADLINE_MS, maxRequestBytes = MAX_REQUEST_BYTES } = options
  if (address === '') throw new TypeError('expected the address of an identity server, found an empty string')
  const channelCredentials = credentials === 'plaintext' ? grpcCredentials.createInsecure() : credentials
  const client = new Client(address, channelCredentials, channelOptions(options))
  let closed = false

  const certify = async (request: CertifyRequest, call: CallOptions = {}): Promise<CertifyResponse> => {
    call.signal?.throwIfAborted()
    if (closed) throw new RpcError('CANCELLED', 'the client is closed')
    const message = encodeCertifyRequest(request)
    checkSize(message.length, maxRequestBytes)
    const { path, responseDeserialize: decode } = identityServiceDefinition.certify
    return unaryCall(client, { path, message, decode, deadlineMs: call.deadlineMs ?? deadlineMs, signal: call.signal })
  }
  const close = (): void => {
    closed = true
    client.close()
  }
  return { certify, close, [Symbol.dispose]: close }
}

function checkSize(found: number, limit: number): void {
  if (found <= limit) return
  const message = `the request is larger than the limit of ${limit} bytes: it has ${found}`
  throw new RpcError('RESOURCE_EXHAUSTED', message, { detail: { found, limit } })
}

function channelOptions(options: IdentityClientOptions): Record<string, string | number> {
  return {
    'grpc.max_receive_message_length': options.maxResponseBytes ?? MAX_RESPONSE_BYTES,
    'grpc.keepalive_time_ms': options.keepAliveTimeMs ?? CLIENT_KEEP_ALIVE_TIME_MS,
    'grpc.keepalive_timeout_ms': options.keepAliveTimeoutMs ?? KEEP_ALIVE_TIMEOUT_MS,
    'grpc.keepalive_permit_without_calls': 0,
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': MAX_RECONNECT_DELAY_MS,
    // What the environment or DNS says about proxies and retries is not ours to obey; the connection is not shared.
    'grpc.enable_http_proxy': 0,
    'grpc.service_config_disable_resolution': 1,
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_channelz': 0,
    ...(options.authority === undefined ? {} : { 'grpc.default_authority': options.authority }),
  }
}
