import { MAX_RETRY_AFTER_MS } from './status-details.ts'

/** What each code means and what to do next; `docs/errors.md` is generated from this table. */
export const rpcErrorCodes = {
  RPC_CANCELLED: 'The call was given up by its caller, or the client is closed; nothing to do.',
  RPC_UNKNOWN:
    'The other side failed without saying how (a Linkerd controller whose issuer is invalid does); try again later.',
  RPC_INVALID_ARGUMENT: 'The request itself is wrong; sending it again will not help.',
  RPC_DEADLINE_EXCEEDED: 'No answer came in time; try again, with a back-off.',
  RPC_NOT_FOUND: 'The thing asked about does not exist on that server.',
  RPC_ALREADY_EXISTS: 'The thing to be made exists already.',
  RPC_PERMISSION_DENIED: 'The caller is known but may not do this; change its rights.',
  RPC_RESOURCE_EXHAUSTED:
    'A message was larger than its limit, or the server is over its quota; see the message, and wait retryAfterMs if it is there.',
  RPC_FAILED_PRECONDITION: 'The request is well formed, but the state of the world forbids it; correct that first.',
  RPC_ABORTED: 'The operation was broken off on the server; try again.',
  RPC_OUT_OF_RANGE: 'A value lies outside its valid range.',
  RPC_UNIMPLEMENTED: 'The server does not offer this method; check address and version.',
  RPC_INTERNAL: 'A fault on the side that reports it; its own log or observer has the cause.',
  RPC_UNAVAILABLE: 'The server cannot be reached or is not ready; try again, with a back-off.',
  RPC_DATA_LOSS: 'Data was lost or corrupted and cannot be recovered.',
  RPC_UNAUTHENTICATED: 'The caller did not prove who it is.',
} as const

/** A stable code: `RPC_` and the gRPC status name. */
export type RpcErrorCode = keyof typeof rpcErrorCodes

type StatusOfCode<Code> = Code extends `RPC_${infer Status}` ? Status : never

/** The name of a gRPC status other than OK. */
export type RpcStatus = StatusOfCode<RpcErrorCode>

/** The number of each gRPC status on the wire. @see https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
export const rpcStatusNumbers: Readonly<Record<RpcStatus, number>> = {
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
}

/** Safe facts beside the message. */
export interface RpcErrorDetail {
  readonly expected?: string
  readonly found?: string | number
  readonly limit?: number
}

/** Options of {@link RpcError}. */
export interface RpcErrorOptions {
  readonly detail?: RpcErrorDetail
  /** How long the caller should wait before it asks again, in milliseconds; travels as google.rpc.RetryInfo. */
  readonly retryAfterMs?: number | undefined
  readonly cause?: unknown
}

/**
 * Longest status message, in UTF-16 units: it travels percent-encoded in an HTTP/2 header, and peers refuse header
 * blocks over some 16 KiB. Longer messages are cut.
 */
export const MAX_STATUS_MESSAGE_LENGTH = 1024

/**
 * A failed call: on the client what came back, on the server what a handler wants to answer.
 *
 * The message travels to the other side as it is, so it must hold nothing that the caller may not see. Control
 * characters become spaces and lone surrogates U+FFFD, because an HTTP/2 header cannot carry them.
 */
export class RpcError extends Error {
  override readonly name = 'RpcError'
  readonly code: RpcErrorCode
  /** The gRPC status name, for example `FAILED_PRECONDITION`. */
  readonly status: RpcStatus
  /** The gRPC status number, for example 9. */
  readonly statusNumber: number
  readonly detail: RpcErrorDetail
  /** How long to wait, at least, before the same request is sent again, if the server said so. */
  readonly retryAfterMs: number | undefined

  /** @throws RangeError when `retryAfterMs` is no duration from 0 to {@link MAX_RETRY_AFTER_MS}. */
  constructor(status: RpcStatus, message: string, options: RpcErrorOptions = {}) {
    super(cleanMessage(message), options.cause === undefined ? undefined : { cause: options.cause })
    this.code = `RPC_${status}`
    this.status = status
    this.statusNumber = rpcStatusNumbers[status]
    this.detail = Object.freeze({ ...options.detail })
    this.retryAfterMs = checkRetryAfter(options.retryAfterMs)
  }
}

/** The name of a status number; a number that gRPC does not define counts as UNKNOWN, as the protocol demands. */
export function rpcStatusOf(statusNumber: number): RpcStatus {
  for (const [name, value] of Object.entries(rpcStatusNumbers)) if (value === statusNumber) return name as RpcStatus
  return 'UNKNOWN'
}

function checkRetryAfter(retryAfterMs: number | undefined): number | undefined {
  if (retryAfterMs === undefined || (retryAfterMs >= 0 && retryAfterMs <= MAX_RETRY_AFTER_MS)) return retryAfterMs
  throw new RangeError(`expected retryAfterMs from 0 to ${MAX_RETRY_AFTER_MS}, found ${retryAfterMs}`)
}

function cleanMessage(message: string): string {
  return message
    .slice(0, MAX_STATUS_MESSAGE_LENGTH)
    .replaceAll(/\p{Cc}/gu, ' ')
    .replaceAll(/\p{Cs}/gu, '\ufffd')
}
