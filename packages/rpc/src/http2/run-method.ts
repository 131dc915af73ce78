import type { ServerHttp2Stream } from 'node:http2'
import { RpcError } from '../errors.ts'
import type { RpcMethod, StreamingMethod, UnaryMethod } from '../rpc-method.ts'
import { refusalOf, reportCall } from '../unary-handler.ts'
import type { Exchange } from './exchange.ts'
import { MessageReader } from './message-reader.ts'
import type { TurnQueue } from './turn-queue.ts'

/** What is to be run, and within which limits. */
export interface RunOptions {
  readonly method: RpcMethod
  readonly maxRequestBytes: number
  readonly turn: TurnQueue
}

/** Reads the request of a call and lets its method answer. */
export function runMethod(
  stream: ServerHttp2Stream,
  exchange: Exchange,
  { method, maxRequestBytes, turn }: RunOptions,
): void {
  const reader = new MessageReader(maxRequestBytes)
  stream.on('data', (chunk: Buffer) => {
    if (exchange.ended) return
    try {
      reader.push(chunk)
    } catch (error) {
      exchange.fail(refusalOf(error), false)
    }
  })
  stream.on('end', () => {
    if (exchange.ended) return
    try {
      const message = reader.end()
      exchange.received()
      if (method.kind === 'unary') turn.add(() => void runUnary(method, message, exchange))
      else runStreaming(method, message, exchange)
    } catch (error) {
      exchange.fail(refusalOf(error), false)
    }
  })
}

/** Reads a request in the method's terms. */
function opened<T>(open: (message: Buffer) => T, message: Buffer): T {
  try {
    return open(message)
  } catch (cause) {
    throw new RpcError('INTERNAL', 'Error deserializing request', { cause })
  }
}

async function runUnary({ path: method, open, observer }: UnaryMethod, message: Buffer, exchange: Exchange) {
  if (exchange.ended) return
  const { context } = exchange
  const { peer } = context
  let answer: ReturnType<typeof open>
  try {
    answer = opened(open, message)
  } catch (error) {
    exchange.fail(refusalOf(error), false)
    return
  }
  try {
    exchange.respond(await answer(context))
    reportCall(observer, { method, status: 'OK', peer })
  } catch (error) {
    const refusal = refusalOf(error)
    exchange.fail(refusal, true)
    reportCall(observer, { method, status: refusal.status, peer, error })
  }
}

function runStreaming({ open }: StreamingMethod, message: Buffer, exchange: Exchange): void {
  const begin = opened(open, message)
  const { signal } = exchange.context
  const stop = begin({
    write: (response) => exchange.write(response),
    fail: (error) => exchange.fail(error, true),
  })
  if (signal.aborted) stop()
  else signal.addEventListener('abort', stop, { once: true })
}
