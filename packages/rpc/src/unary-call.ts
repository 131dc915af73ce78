import type { Client, ServiceError } from '@grpc/grpc-js'
import { RpcError, rpcStatusOf } from './errors.ts'
import { decodeRetryInfo, STATUS_DETAILS_TRAILER } from './status-details.ts'
import { deadlineAfter } from './system-clock.ts'

/** Options of one call. */
export interface CallOptions {
  /** Gives the call up; the promise rejects with `signal.reason`, the server sees a cancel. */
  readonly signal?: AbortSignal
  /** How long the whole call may take, connecting included. */
  readonly deadlineMs?: number
}

/** One call: where to, what, and how long. */
export interface UnaryCall<Response> {
  readonly path: string
  /** The request, serialised. */
  readonly message: Buffer
  readonly decode: (message: Buffer) => Response
  readonly deadlineMs: number
  readonly signal: AbortSignal | undefined
}

/** Makes one unary call of a grpc-js client and gives its outcome as a promise. */
export function unaryCall<Response>(client: Client, call: UnaryCall<Response>): Promise<Response> {
  const { path, message, decode, signal } = call
  return new Promise((resolve, reject) => {
    const deadline = deadlineAfter(call.deadlineMs)
    const running = client.makeUnaryRequest(path, asIs, decode, message, { deadline }, (error, response) => {
      signal?.removeEventListener('abort', onAbort)
      if (error !== null) reject(rpcErrorOf(error))
      else if (response !== undefined) resolve(response)
    })
    const onAbort = () => {
      reject(signal?.reason)
      running.cancel()
    }
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}

const asIs = (message: Buffer): Buffer => message

/**
 * A grpc-js error as an {@link RpcError}. CANCELLED becomes UNAVAILABLE: it can only mean that the server cut the call
 * off, because one's own cancel rejects with `signal.reason` before.
 */
function rpcErrorOf(error: ServiceError): RpcError {
  const status = rpcStatusOf(error.code)
  if (status !== 'CANCELLED') {
    return new RpcError(status, error.details, { cause: error, retryAfterMs: retryAfterOf(error) })
  }
  return new RpcError('UNAVAILABLE', `the server cut the call off: ${error.details}`, { cause: error })
}

function retryAfterOf({ code, metadata }: ServiceError): number | undefined {
  for (const details of metadata.get(STATUS_DETAILS_TRAILER)) {
    if (typeof details !== 'string') return decodeRetryInfo(details, code)
  }
  return undefined
}
