import {
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import type { RpcMethod } from '../rpc-method.ts'
import type { TransportServerOptions } from '../rpc-server.ts'
import { KEEP_ALIVE_TIMEOUT_MS, MAX_REQUEST_BYTES, MAX_RESPONSE_BYTES, SERVER_KEEP_ALIVE_TIME_MS } from '../server.ts'
import type { Arrivals } from './arrivals.ts'
import type { SessionDrain } from './drain-session.ts'
import { Exchange } from './exchange.ts'
import { runMethod } from './run-method.ts'
import type { TurnQueue } from './turn-queue.ts'
import { watchSession } from './watch-session.ts'

/** What holds for the calls of a connection. */
export interface SessionOptions extends Omit<TransportServerOptions, 'services'> {
  readonly arrivals: Arrivals
  readonly turn: TurnQueue
  readonly drain: SessionDrain
}

/** Serves the calls of one connection, by path. */
export function serveSession(
  session: ServerHttp2Session,
  methods: ReadonlyMap<string, RpcMethod>,
  options: SessionOptions,
): void {
  const { maxRequestBytes = MAX_REQUEST_BYTES, maxResponseBytes = MAX_RESPONSE_BYTES } = options
  const { arrivals, observer, turn, drain } = options
  const { keepAliveTimeMs = SERVER_KEEP_ALIVE_TIME_MS, keepAliveTimeoutMs = KEEP_ALIVE_TIMEOUT_MS } = options
  const { onGivenUp } = watchSession(session, { keepAliveTimeMs, keepAliveTimeoutMs })
  const call = { peer: peerOf(session), maxResponseBytes, arrivals, observer, onGivenUp }
  const serve = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void => {
    const path = String(headers[':path'])
    const method = methods.get(path)
    if (!String(headers['content-type']).startsWith('application/grpc')) refuse(stream, { ':status': 415 })
    else if (method === undefined) refuse(stream, unimplemented(path))
    else {
      const exchange = new Exchange(stream, headers, call)
      if (!exchange.ended) runMethod(stream, exchange, { method, maxRequestBytes, turn })
    }
  }
  session.on('stream', (stream, headers) => {
    if (drain.admits) serve(stream, headers)
    else drain.keep(stream, () => serve(stream, headers))
  })
}

/** Answers a call that nobody handles. */
function refuse(stream: ServerHttp2Stream, headers: OutgoingHttpHeaders): void {
  stream.on('error', () => undefined) // there is nobody to tell
  stream.respond(headers, { endStream: true })
  stream.close(constants.NGHTTP2_NO_ERROR)
}

function unimplemented(path: string): OutgoingHttpHeaders {
  const message = encodeURI(`The server does not implement the method ${path.slice(0, 256)}`)
  return { ':status': 200, 'content-type': 'application/grpc+proto', 'grpc-status': 12, 'grpc-message': message }
}

function peerOf({ socket }: ServerHttp2Session): string {
  const { remoteAddress, remotePort } = socket
  return remoteAddress === undefined ? 'unknown' : `${remoteAddress}:${remotePort}`
}
