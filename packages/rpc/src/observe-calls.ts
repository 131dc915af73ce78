import {
  type ServerInterceptor,
  ServerInterceptingCall,
  ServerListenerBuilder,
  status as grpcStatus,
} from '@grpc/grpc-js'
import { type RpcStatus, rpcStatusOf } from './errors.ts'
import { monotonicMs } from './system-clock.ts'

/** How a call ended. */
export interface EndedCall {
  /** The HTTP/2 path. */
  readonly path: string
  readonly status: RpcStatus | 'OK'
  /** What the caller was told. */
  readonly message: string
  /** False when the call ended before a handler could answer: too large, unreadable, out of time, given up. */
  readonly answered: boolean
  readonly durationMs: number
  /** Whole ones that came in and went out. */
  readonly messages: { readonly received: number; readonly sent: number }
}

/** Is told of every call when it comes and when it ends, whatever becomes of it. */
export interface CallObserver {
  started(path: string): void
  ended(call: EndedCall): void
}

const OK: number = grpcStatus.OK

/**
 * Makes an interceptor that tells of every call once when it comes and once when it ends.
 *
 * grpc-js answers messages over the limit, unreadable messages and passed deadlines below its interceptors, in the call
 * object itself; so the status is seen there, and this interceptor must be the first.
 */
export function observeCalls(observers: readonly CallObserver[]): ServerInterceptor {
  return ({ path }, call) => {
    for (const observer of observers) observer.started(path)
    const begin = monotonicMs()
    const messages = { received: 0, sent: 0 }
    let answered = false
    let ended = false
    const end = (code: number, message: string): void => {
      if (ended) return
      ended = true
      const status = code === OK ? 'OK' : rpcStatusOf(code)
      const durationMs = monotonicMs() - begin
      for (const observer of observers) observer.ended({ path, status, message, answered, durationMs, messages })
    }
    const send = call.sendStatus.bind(call)
    call.sendStatus = (status) => {
      end(status.code ?? grpcStatus.UNKNOWN, status.details ?? '')
      send(status)
    }
    const listener = new ServerListenerBuilder()
      .withOnCancel(() => end(grpcStatus.CANCELLED, 'given up by the caller'))
      .withOnReceiveMessage((received, next) => {
        messages.received += 1
        next(received)
      })
    return new ServerInterceptingCall(call, {
      start: (next) => next(listener.build()),
      sendMessage(sent, next) {
        messages.sent += 1
        next(sent)
      },
      sendStatus(status, next) {
        answered = true
        next(status)
      },
    })
  }
}
