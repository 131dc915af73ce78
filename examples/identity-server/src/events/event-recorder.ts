import type { Logger } from '@meshid/example-operations'
import type { Clock } from '@meshid/refresh'
import type { KubernetesTransport } from '@meshid/token-review'
import { codedText } from '../coded-text.ts'
import type { EventCounts } from '../metrics/count-events.ts'
import { type ClusterEvent, encodeEvent } from './cluster-event.ts'

/** How many different events may wait to be posted. */
export const MAX_WAITING_EVENTS = 1000

/** How long the last events may take when the server stops. */
export const EVENT_FLUSH_MS = 2000

/** How long a reason that strangers can cause is quiet after it was told. */
export const QUIET_MS: Readonly<Partial<Record<ClusterEvent['reason'], number>>> = { IssuerValidationFailed: 60_000 }

export interface EventRecorderOptions {
  /** The way to the API server, with a budget that is not that of the token reviews (Q31). */
  readonly transport: KubernetesTransport
  readonly clock: Clock
  readonly counts: EventCounts
  readonly log: Logger
  /** Which of the replicas this is. */
  readonly instance: string
}

/** Posts events, one after the other, behind the back of everybody else. */
export interface EventRecorder {
  /** Notes an event; returns at once, and never throws. */
  record(event: ClusterEvent): void
  /** Waits for the queue to run empty, but not for long; what is left is dropped. */
  close(): Promise<void>
}

interface Waiting {
  readonly event: ClusterEvent
  readonly first: Date
  readonly last: Date
  readonly count: number
}

/** Makes a recorder with an empty queue. */
export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  return new QueueingRecorder(options)
}

class QueueingRecorder implements EventRecorder {
  readonly #options: EventRecorderOptions
  readonly #queue = new Map<string, Waiting>()
  readonly #quietUntil = new Map<string, Date>()
  readonly #unsaid = new Map<string, number>()
  readonly #closing = new AbortController()
  #posting: Promise<void> | undefined
  #failing = false
  #closed = false

  constructor(options: EventRecorderOptions) {
    this.#options = options
  }

  record(event: ClusterEvent): void {
    const { counts, clock } = this.#options
    const key = keyOf(event)
    const now = clock.now()
    const waiting = this.#queue.get(key)
    if (this.#closed) return counts.ended('dropped', 1)
    if (waiting !== undefined) {
      this.#queue.set(key, { ...waiting, event, last: now, count: waiting.count + 1 })
      return counts.ended('merged', 1)
    }
    if (this.#isQuiet(key, now)) return counts.ended('suppressed', 1)
    if (this.#queue.size >= MAX_WAITING_EVENTS) return counts.ended('dropped', 1)
    this.#queue.set(key, { event, first: now, last: now, count: 1 + this.#takeUnsaid(key) })
    this.#beQuiet(event, now)
    counts.waiting(this.#queue.size)
    this.#posting ??= this.#post()
  }

  async close(): Promise<void> {
    this.#closed = true
    const cancel = this.#options.clock.setTimer(EVENT_FLUSH_MS, () => this.#closing.abort())
    await this.#posting
    cancel()
    this.#options.counts.ended('dropped', this.#queue.size)
    this.#queue.clear()
  }

  /** The turn of the event loop in between lets the caller finish first. */
  async #post(): Promise<void> {
    await new Promise<void>((resolve) => void setImmediate(resolve))
    for (const [key, waiting] of this.#queue) {
      if (this.#closing.signal.aborted) break
      this.#queue.delete(key)
      this.#options.counts.waiting(this.#queue.size)
      await this.#postOne(waiting)
    }
    this.#posting = undefined
  }

  async #postOne({ event, ...series }: Waiting): Promise<void> {
    const { transport, counts, instance } = this.#options
    const path = `/api/v1/namespaces/${encodeURIComponent(event.involved.namespace)}/events`
    const body = encodeEvent(event, { series, instance })
    try {
      const { status } = await transport.request({ method: 'POST', path, body, signal: this.#closing.signal })
      if (status !== 201) throw new Error(`expected status 201, found ${status}`)
      counts.ended('posted', 1)
      this.#failing = false
    } catch (error) {
      counts.ended('failed', 1)
      this.#tellFailure(error)
    }
  }

  /** Once in a row: the API server being away is no news for each event. */
  #tellFailure(error: unknown): void {
    if (!this.#failing) this.#options.log.warn(`Could not post an event to the Kubernetes API: ${codedText(error)}`)
    this.#failing = true
  }

  #isQuiet(key: string, now: Date): boolean {
    const until = this.#quietUntil.get(key)
    if (until === undefined || now >= until) return false
    this.#unsaid.set(key, (this.#unsaid.get(key) ?? 0) + 1)
    return true
  }

  #beQuiet({ reason, ...event }: ClusterEvent, now: Date): void {
    const quietMs = QUIET_MS[reason]
    if (quietMs !== undefined) this.#quietUntil.set(keyOf({ reason, ...event }), new Date(now.getTime() + quietMs))
  }

  #takeUnsaid(key: string): number {
    const count = this.#unsaid.get(key) ?? 0
    this.#unsaid.delete(key)
    return count
  }
}

function keyOf({ involved, reason }: ClusterEvent): string {
  return `${reason} ${involved.kind} ${involved.namespace} ${involved.name}`
}
