import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'

/** Answers one request in place of the API server; it may also not answer at all. */
export type FaultHandler = (request: IncomingMessage, response: ServerResponse) => void

/** What a failing API server answers. */
export interface Failure {
  readonly status: number
  /** Sent as `Retry-After`, in seconds. */
  readonly retryAfterSeconds?: number
}

/** The troubles that a test can order. */
export interface Faults {
  /** Delays every answer from now on, by this much of real time. */
  setLatency(ms: number): void
  /** Hands the next `count` requests to a handler, after those that were ordered before. */
  answerNext(count: number, handler: FaultHandler): void
  /** Fails the next `count` requests with a status. */
  failNext(count: number, failure: Failure): void
  /** Leaves the next `count` requests without an answer, until the server closes. */
  hangNext(count: number): void
}

/** The troubles, and the server's side of them. */
export interface FaultQueue {
  readonly faults: Faults
  /** Waits as ordered, and says who answers this request if not the API server. */
  readonly next: () => Promise<FaultHandler | undefined>
}

/** Makes a queue without troubles. */
export function createFaultQueue(initialLatencyMs: number): FaultQueue {
  let latencyMs = initialLatencyMs
  const queue: FaultHandler[] = []
  const answerNext = (count: number, handler: FaultHandler): void => {
    for (let index = 0; index < count; index += 1) queue.push(handler)
  }
  return {
    faults: {
      setLatency: (ms) => void (latencyMs = ms),
      answerNext,
      failNext: (count, failure) => answerNext(count, (_, response) => fail(response, failure)),
      hangNext: (count) => answerNext(count, () => {}),
    },
    async next() {
      const handler = queue.shift()
      if (latencyMs > 0) await delay(latencyMs)
      return handler
    },
  }
}

/** An overloaded or broken API server answers with plain text, not with a Status object. */
function fail(response: ServerResponse, { status, retryAfterSeconds }: Failure): void {
  response.statusCode = status
  response.setHeader('content-type', 'text/plain; charset=utf-8')
  if (retryAfterSeconds !== undefined) response.setHeader('retry-after', String(retryAfterSeconds))
  response.end(
    status === 429
      ? 'Too many requests, please try again later.\n'
      : 'the server is currently unable to handle the request\n',
  )
}
