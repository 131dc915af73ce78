import {
  type handleUnaryCall,
  Metadata,
  type sendUnaryData,
  type ServerUnaryCall,
  status as grpcStatus,
} from '@grpc/grpc-js'
import { RpcError, type RpcStatus } from './errors.ts'
import { encodeRetryInfo, STATUS_DETAILS_TRAILER } from './status-details.ts'
import { isPast } from './system-clock.ts'

/** What a handler is told about the call, beside the request. */
export interface CallContext {
  /** Aborts when the caller cancels or its deadline passes; the reason is an {@link RpcError}. */
  readonly signal: AbortSignal
  /** The address of the caller's end of the connection; a unix socket has no telling one. */
  readonly peer: string
  /** The `:authority` that the caller named, as it came (a trailing dot is legal and kept). Not authenticated. */
  readonly authority: string
}

/** One finished call, as an observer gets it. */
export interface FinishedCall {
  /** The HTTP/2 path, for example `/io.linkerd.proxy.identity.Identity/Certify`. */
  readonly method: string
  readonly status: RpcStatus | 'OK'
  readonly peer: string
  /** What the handler threw; for INTERNAL the fault that the caller was not told. */
  readonly error?: unknown
}

/** Is told of every finished call; what it throws is dropped, so that it cannot harm the call. */
export interface RpcObserver {
  finished(call: FinishedCall): void
}

/** The whole message of an answer to a fault that nobody foresaw: it says nothing about the inside. */
export const INTERNAL_ERROR_MESSAGE = 'internal error'

/** A handler of a unary method: resolves with the response, or throws an {@link RpcError} to choose the status. */
export type UnaryHandle<Request, Response> = (request: Request, context: CallContext) => Promise<Response>

/**
 * Makes a grpc-js handler of an async function.
 *
 * An {@link RpcError} is answered with its status and message, and its `retryAfterMs` as google.rpc.RetryInfo. Anything else that is thrown is answered with INTERNAL
 * and {@link INTERNAL_ERROR_MESSAGE}; the observer gets the fault itself.
 */
export function unaryHandler<Request, Response>(
  method: string,
  handle: UnaryHandle<Request, Response>,
  observer: RpcObserver | undefined,
): handleUnaryCall<Request, Response> {
  return (call, respond) => void answer(call, respond)

  async function answer(call: ServerUnaryCall<Request, Response>, respond: sendUnaryData<Response>): Promise<void> {
    const peer = call.getPeer()
    const cancelled = new AbortController()
    const onCancelled = () => cancelled.abort(cancellationOf(call))
    call.once('cancelled', onCancelled)
    try {
      const response = await handle(call.request, { signal: cancelled.signal, peer, authority: call.getHost() })
      call.off('cancelled', onCancelled)
      respond(null, response)
      reportCall(observer, { method, status: 'OK', peer })
    } catch (error) {
      call.off('cancelled', onCancelled)
      const refusal = refusalOf(error)
      const { status, message } = refusal
      respond({ code: grpcStatus[status], details: message, metadata: trailersOf(refusal) })
      reportCall(observer, { method, status, peer, error })
    }
  }
}

/** What a handler threw, as its caller may see it. */
export function refusalOf(error: unknown): RpcError {
  return error instanceof RpcError ? error : new RpcError('INTERNAL', INTERNAL_ERROR_MESSAGE)
}

function trailersOf(refusal: RpcError): Metadata {
  const trailers = new Metadata()
  const { retryAfterMs } = refusal
  if (retryAfterMs !== undefined) trailers.set(STATUS_DETAILS_TRAILER, encodeRetryInfo(refusal, retryAfterMs))
  return trailers
}

/** grpc-js tells of a cancel and of a passed deadline by the same event; the deadline itself tells them apart. */
function cancellationOf(call: { getDeadline(): Date | number }): RpcError {
  if (isPast(call.getDeadline())) return new RpcError('DEADLINE_EXCEEDED', 'the deadline of the call passed')
  return new RpcError('CANCELLED', 'the caller cancelled the call')
}

/** Tells an observer of a finished call, whatever it does. */
export function reportCall(observer: RpcObserver | undefined, call: FinishedCall): void {
  try {
    observer?.finished(call)
  } catch {
    // The answer is on its way; a broken observer must not turn it into a crash.
  }
}
