import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import { RpcError, type RpcStatus } from '../errors.ts'
import type { CallObserver } from '../observe-calls.ts'
import { encodeRetryInfo, STATUS_DETAILS_TRAILER } from '../status-details.ts'
import { monotonicMs } from '../system-clock.ts'
import type { CallContext } from '../unary-handler.ts'
import type { Arrival, Arrivals } from './arrivals.ts'
import { parseGrpcTimeout } from './grpc-timeout.ts'
import { takesHeaderLists } from './header-lists.ts'
import { framed } from './message-reader.ts'

/** What an exchange is told of the connection and of the server; the same for all calls of a connection. */
export interface ExchangeOptions {
  readonly peer: string
  readonly maxResponseBytes: number
  readonly arrivals: Arrivals
  readonly observer: CallObserver | undefined
  /** Is called when the caller ended the call before it was answered. */
  readonly onGivenUp: () => void
}

const responseHeaders = { ':status': 200, 'content-type': 'application/grpc+proto' }
/** Of an answer that is only a status: here a caller learns, too, that it shall not compress. */
const statusHeaders = { ...responseHeaders, 'grpc-accept-encoding': 'identity' }
const okHeaders = takesHeaderLists() ? Object.entries(responseHeaders).flat().map(String) : responseHeaders
const withTrailers = { waitForTrailers: true, sendDate: false } as const
const withoutBody = { endStream: true, sendDate: false } as const
const okTrailers = { 'grpc-status': '0', 'grpc-message': 'OK' }

const ignore = (): void => undefined

// One function for all streams, and `on` where an event comes once at most: `once` makes two more functions.
function sendOkTrailers(this: ServerHttp2Stream): void {
  this.sendTrailers(okTrailers)
}

/**
 * One call on one HTTP/2 stream: its deadline, its end by whichever side, its answer. Whatever comes after the end, of the
 * handler or of the caller, does nothing.
 */
export class Exchange implements Arrival {
  readonly context: CallContext
  /** Counted for the observer. */
  readonly messages: { received: number; sent: number } = { received: 0, sent: 0 }
  readonly beganMs: number = monotonicMs()
  readonly #path: string
  readonly #stream: ServerHttp2Stream
  readonly #options: ExchangeOptions
  readonly #cancelled = new AbortController()
  #deadline: NodeJS.Timeout | undefined
  #begun = false
  #ended = false

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, options: ExchangeOptions) {
    this.#stream = stream
    this.#options = options
    this.#path = String(headers[':path'])
    const { peer, observer } = options
    const authority = headers[':authority'] ?? headers.host ?? ''
    this.context = { signal: this.#cancelled.signal, peer, authority }
    observer?.started(this.#path)
    stream.on('error', ignore) // a close follows, and tells the same
    stream.on('close', () => this.#onClose())
    this.#keepDeadline(headers['grpc-timeout'])
  }

  /** Says whether the call has ended: nothing more can be answered. A stream can be gone before it says so. */
  get ended(): boolean {
    if (this.#stream.destroyed || this.#stream.closed) this.#onClose()
    return this.#ended
  }

  /** The request has arrived. */
  received(): void {
    this.#options.arrivals.delete(this)
    this.messages.received += 1
  }

  /** The request has not arrived in time. */
  outOfTime(limitMs: number): void {
    this.fail(tooSlow(limitMs), false)
  }

  /** Answers with the one response of a unary call. */
  respond(message: Buffer): void {
    if (this.ended || !this.#mayBeSent(message)) return
    this.#begin()
    this.messages.sent += 1
    this.#end('OK', 'OK', true)
    this.#stream.on('wantTrailers', sendOkTrailers)
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
      stream.respond({ ...statusHeaders, ...trailers }, withoutBody)
    }
    // The rest of the request is of no use (RFC 9113 section 8.1).
    if (!stream.readableEnded) stream.close(constants.NGHTTP2_NO_ERROR)
  }

  #begin(): void {
    if (this.#begun) return
    this.#begun = true
    this.#stream.respond(okHeaders, withTrailers)
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
    const { arrivals } = this.#options
    if (timeoutMs > arrivals.limitMs) arrivals.add(this)
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
    if (this.#deadline !== undefined) clearTimeout(this.#deadline)
    const { arrivals, observer } = this.#options
    if (this.messages.received === 0) arrivals.delete(this)
    if (observer === undefined) return
    const durationMs = monotonicMs() - this.beganMs
    observer.ended({ path: this.#path, status, message, answered, durationMs, messages: this.messages })
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
