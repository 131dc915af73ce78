import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { ApiEndpoint } from './router.ts'

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
  /** Lets the troubles that are ordered from now on meet requests for this endpoint only; `undefined`: for any, as at first. */
  aimFaults(endpoint: ApiEndpoint | undefined): void
  /** Delays every answer from now on, by this much of real time. */
  setLatency(ms: number): void
  /** Hands the next `count` requests to a handler, after those that were ordered before. */
  answerNext(count: number, handler: FaultHandler): void
  /** Fails the next `count` requests with a status. */
  failNext(count: number, failure: Failure): void
  /** Leaves the next `count` requests without an answer, until the server closes. */
  hangNext(count: number): void
  /** Holds the next `count` requests until the gate is opened, and answers them then: a slow server, without a sleep. */
  holdNext(count: number): FaultGate
  /** Answers the next `count` requests with a 201 that is not JSON. */
  garbleNext(count: number): void
  /** Answers the next `count` requests with a 201 whose JSON ends in the middle, though the body is whole. */
  truncateNext(count: number): void
  /** Closes the connection of the next `count` requests in the middle of the body. */
  cutNext(count: number): void
}

/** What requests are held at. */
export interface FaultGate {
  /** How many have come and wait. */
  readonly held: number
  open(): void
}

/** The troubles, and the server's side of them. */
export interface FaultQueue {
  readonly faults: Faults
  /** Waits as ordered, and says who answers this request if not the API server. */
  readonly next: (endpoint: ApiEndpoint) => Promise<FaultHandler | undefined>
}

/** Answers a request in place of the API server, or holds it and leaves the answer to the API server. */
interface Fault {
  readonly of?: ApiEndpoint | undefined
  readonly handler?: FaultHandler
  readonly hold?: () => Promise<void>
}

/** Makes a queue without troubles. */
export function createFaultQueue(initialLatencyMs: number): FaultQueue {
  let latencyMs = initialLatencyMs
  let of: ApiEndpoint | undefined
  const queue: Fault[] = []
  const add = (count: number, fault: Fault): void => {
    for (let index = 0; index < count; index += 1) queue.push({ of, ...fault })
  }
  const answerNext = (count: number, handler: FaultHandler): void => add(count, { handler })
  return {
    faults: {
      aimFaults: (endpoint) => void (of = endpoint),
      setLatency: (ms) => void (latencyMs = ms),
      answerNext,
      failNext: (count, failure) => answerNext(count, (_, response) => fail(response, failure)),
      hangNext: (count) => answerNext(count, () => {}),
      holdNext(count) {
        const { gate, hold } = createGate()
        add(count, { hold })
        return gate
      },
      garbleNext: (count) => answerNext(count, (_, response) => answer(response, '<html>not what you want</html>')),
      truncateNext: (count) => answerNext(count, (_, response) => answer(response, BROKEN_JSON)),
      cutNext: (count) => answerNext(count, (_, response) => cut(response)),
    },
    async next(endpoint) {
      const place = queue.findIndex((each) => (each.of ?? endpoint) === endpoint)
      const [fault] = place < 0 ? [] : queue.splice(place, 1)
      if (latencyMs > 0) await delay(latencyMs)
      await fault?.hold?.()
      return fault?.handler
    },
  }
}

const BROKEN_JSON = '{"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1","status":{"authenti'

function createGate(): { readonly gate: FaultGate; readonly hold: () => Promise<void> } {
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => (open = resolve))
  let held = 0
  return {
    gate: {
      get held() {
        return held
      },
      open,
    },
    async hold() {
      held += 1
      await opened
      held -= 1
    },
  }
}

function answer(response: ServerResponse, body: string): void {
  response.writeHead(201, { 'content-type': 'application/json', 'content-length': body.length }).end(body)
}

function cut(response: ServerResponse): void {
  response.writeHead(201, { 'content-type': 'application/json', 'content-length': 2 * BROKEN_JSON.length })
  response.write(BROKEN_JSON, () => response.destroy())
}

/** An overloaded or broken API server answers with plain text, not with a Status object. */
export function fail(response: ServerResponse, { status, retryAfterSeconds }: Failure): void {
  response.statusCode = status
  response.setHeader('content-type', 'text/plain; charset=utf-8')
  if (retryAfterSeconds !== undefined) response.setHeader('retry-after', String(retryAfterSeconds))
  response.end(
    status === 429
      ? 'Too many requests, please try again later.\n'
      : 'the server is currently unable to handle the request\n',
  )
}
