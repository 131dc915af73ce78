import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import { RpcError, type RpcStatus } from '../errors.ts'
import type { CallObserver } from '../observe-calls.ts'
import { encodeRetryInfo, STATUS_DETAILS_TRAILER } from '../status-details.ts'
import { monotonicMs } from '../system-clock.ts'
import type { CallContext } from '../unary-handler.ts'
import { parseGrpcTimeout } from './grpc-timeout.ts'
import { framed } from './message-reader.ts'

/** What an exchange is told of the connection and of the server. */
export interface ExchangeOptions {
  readonly path: string
  readonly peer: string
  readonly maxResponseBytes: number
  readonly requestBodyTimeoutMs: number
  readonly observer: CallObserver | undefined
  /** Is called when the caller ended the call before it was answered. */
  readonly onGivenUp: () => void
}

const responseHeaders = { ':status': 200, 'content-type': 'application/grpc+proto', 'grpc-accept-encoding': 'identity' }
const withTrailers = { waitForTrailers: true, sendDate: false } as const
const withoutBody = { endStream: true, sendDate: false } as const
const okTrailers = { 'grpc-status': '0', 'grpc-message': 'OK' }

/**
 * One call on one HTTP/2 stream: its deadline, its end by whichever side, its answer. Whatever comes after the end, of the
 * handler or of the caller, does nothing.
 */
export class Exchange {
  readonly context: CallContext
  /** Counted for the observer. */
  readonly messages: { received: number; sent: number } = { received: 0, sent: 0 }
  readonly #stream: ServerHttp2Stream
  readonly #options: ExchangeOptions
  readonly #cancelled = new AbortController()
  readonly #beganMs = monotonicMs()
  #deadline: NodeJS.Timeout | undefined
  #bodyDeadline: NodeJS.Timeout | undefined
  #begun = false
  #ended = false

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, options: ExchangeOptions) {
    this.#stream = stream
    this.#options = options
    const { peer, path, observer } = options
    const authority = headers[':authority'] ?? headers.host ?? ''
    this.context = { signal: this.#cancelled.signal, peer, authority }
    observer?.started(path)
    stream.on('error', () => undefined) // a close follows, and tells the same
    stream.once('close', () => this.#onClose())
    this.#keepDeadline(headers['grpc-timeout'])
  }

  /** Says whether the call has ended: nothing more can be answered. A stream can be gone before it says so. */
  get ended(): boolean {
    if (this.#stream.destroyed || this.#stream.closed) this.#onClose()
    return this.#ended
  }

  /** The request has arrived. */
  received(): void {
    clearTimeout(this.#bodyDeadline)
    this.messages.received += 1
  }

  /** Answers with the one response of a unary call. */
  respond(message: Buffer): void {
    if (this.ended || !this.#mayBeSent(message)) return
    this.#begin()
    this.messages.sent += 1
    this.#end('OK', 'OK', true)
    this.#stream.once('wantTrailers', () => this.#stream.sendTrailers(okTrailers))
    this.#stream.end(framed(message))
  }

  /** Sends one of several responses. */
  write(message: Buffer): void {
    if (this.ended || !this.#mayBeSent(message)) return
    this.#begin()
    this.messages.sent += 1
    this.#stream.write(framed(message))
  }

  /** Ends the call with a status; `answered` says whether a handler chose it. */
  fail(error: RpcError, answered: boolean): void {
    if (this.ended) return
    this.#end(error.status, error.message, answered)
    const stream = this.#stream
    const trailers = trailersOf(error)
    if (this.#begun) {
      stream.once('wantTrailers', () => stream.sendTrailers(trailers))
      stream.end()
    } else {
      stream.respond({ ...responseHeaders, ...trailers }, withoutBody)
    }
    // The rest of the request is of no use (RFC 9113 section 8.1).
    if (!stream.readableEnded) stream.close(constants.NGHTTP2_NO_ERROR)
  }

  #begin(): void {
    if (this.#begun) return
    this.#begun = true
    this.#stream.respond(responseHeaders, withTrailers)
  }

  #mayBeSent({ length }: Buffer): boolean {
    const { maxResponseBytes: limit } = this.#options
    if (length <= limit) return true
    this.fail(new RpcError('RESOURCE_EXHAUSTED', `Sent message larger than max (${length} vs. ${limit})`), true)
    return false
  }

  #keepDeadline(header: string | string[] | undefined): void {
    const timeoutMs = parseGrpcTimeout(header)
    if (timeoutMs === undefined) {
      this.fail(new RpcError('INTERNAL', 'expected a timeout in grpc-timeout, found something else'), false)
      return
    }
    const { requestBodyTimeoutMs: limit } = this.#options
    if (timeoutMs > limit) {
      this.#bodyDeadline = setTimeout(() => this.fail(tooSlow(limit), false), limit)
    }
    if (timeoutMs === Infinity) return
    this.#deadline = setTimeout(() => {
      this.fail(new RpcError('DEADLINE_EXCEEDED', 'Deadline exceeded'), false)
      this.#cancelled.abort(new RpcError('DEADLINE_EXCEEDED', 'the deadline of the call passed'))
    }, timeoutMs)
  }

  #onClose(): void {
    if (this.#ended) return
    this.#end('CANCELLED', 'given up by the caller', false)
    this.#cancelled.abort(new RpcError('CANCELLED', 'the caller cancelled the call'))
    this.#options.onGivenUp()
  }

  #end(status: RpcStatus | 'OK', message: string, answered: boolean): void {
    this.#ended = true
    clearTimeout(this.#deadline)
    clearTimeout(this.#bodyDeadline)
    const { observer, path } = this.#options
    if (observer === undefined) return
    const durationMs = monotonicMs() - this.#beganMs
    observer.ended({ path, status, message, answered, durationMs, messages: this.messages })
  }
}

function tooSlow(limitMs: number): RpcError {
  return new RpcError('DEADLINE_EXCEEDED', `expected the whole request within ${limitMs} ms`)
}

function trailersOf(error: RpcError): Record<string, string> {
  const trailers = { 'grpc-status': String(error.statusNumber), 'grpc-message': encodeURI(error.message) }
  if (error.retryAfterMs === undefined) return trailers
  return { ...trailers, [STATUS_DETAILS_TRAILER]: encodeRetryInfo(error, error.retryAfterMs).toString('base64') }
}
