import { setTimeout as delay } from 'node:timers/promises'
import { RefreshWheel, spreadSchedule, startRefreshWheel, systemClock } from '@meshid/refresh'
import type { Progress } from '../figures/progress.ts'
import type { CheckedAnswer } from '../proxies/check-answer.ts'
import type { FleetLoad } from '../proxies/fleet-load.ts'
import type { World } from './open-world.ts'

/** Leaves of one issuer, by when they were answered, in milliseconds from the beginning. */
export interface IssuerCount {
  readonly issuer: string
  readonly leaves: number
  readonly firstMs: number
  readonly lastMs: number
}

/** Options of {@link FleetLife.live}. */
export interface LiveOptions {
  readonly durationMs: number
  /** Is done once, in the middle. */
  readonly inTheMiddle?: (() => Promise<void>) | undefined
  readonly random: () => number
  readonly progress: Progress
  readonly signal: AbortSignal
}

/** The wheel's own tick: short leaves need one that is short against them. */
const TICK_MS = 20

/** A fleet that renews its leaves, each in its own time, for as long as it lives. */
export class FleetLife {
  readonly load: FleetLoad
  readonly #wheel: RefreshWheel
  readonly #proxies: number
  /** When the leaf of each proxy ends; 0 before the first. */
  readonly #endsAt: Float64Array
  /** When each is due, in `performance.now()`. */
  readonly #dueMs: Float64Array
  readonly #issuers = new Map<string, { leaves: number; firstMs: number; lastMs: number }>()
  readonly #running = new Set<Promise<void>>()
  readonly #ttlMs: number
  readonly #begin = performance.now()
  #failure: unknown
  expired = 0
  elapsedMs = 0

  constructor(world: World, load: FleetLoad, ttlMs: number) {
    this.load = load
    this.#ttlMs = ttlMs
    this.#proxies = world.fleet.length
    this.#wheel = new RefreshWheel({ capacity: this.#proxies, tickMs: TICK_MS, now: new Date() })
    this.#endsAt = new Float64Array(this.#proxies)
    this.#dueMs = new Float64Array(this.#proxies)
  }

  /** Everybody comes within the first 70 % of a life, as in a fleet that has long been running; says when the middle was. */
  async live({ durationMs, random, signal, inTheMiddle, progress }: LiveOptions): Promise<number | undefined> {
    for (let proxy = 0; proxy < this.#proxies; proxy++) this.#schedule(proxy, random() * 0.7 * this.#ttlMs)
    const onDue = (proxy: number): void => this.#start(proxy)
    const wheel = startRefreshWheel(this.#wheel, {
      clock: systemClock,
      onDue,
      onError: (error) => (this.#failure ??= error),
    })
    let middleMs: number | undefined
    while (this.#now() < durationMs && this.#failure === undefined) {
      signal.throwIfAborted()
      progress.show(`${this.load.certified} certified, ${this.load.retries} retries, ${this.expired} expired`)
      await delay(Math.max(0, Math.min(200, durationMs - this.#now())))
      if (inTheMiddle !== undefined && middleMs === undefined && this.#now() >= durationMs / 2) {
        await inTheMiddle()
        middleMs = this.#now()
        progress.say('the middle')
      }
    }
    wheel[Symbol.dispose]()
    this.elapsedMs = this.#now()
    await Promise.all(this.#running)
    if (this.#failure !== undefined) throw this.#failure
    return middleMs
  }

  issuers(): readonly IssuerCount[] {
    return [...this.#issuers].map(([issuer, count]) => ({ issuer, ...count }))
  }

  #now(): number {
    return performance.now() - this.#begin
  }

  #schedule(proxy: number, delayMs: number): void {
    this.#dueMs[proxy] = performance.now() + delayMs
    this.#wheel.schedule(proxy, new Date(Date.now() + delayMs))
  }

  #start(proxy: number): void {
    const run = this.#renew(proxy)
      .catch((error: unknown) => (this.#failure ??= error))
      .then(() => void this.#running.delete(run))
    this.#running.add(run)
  }

  async #renew(proxy: number): Promise<void> {
    const answer = await this.load.certify(proxy, this.#dueMs[proxy] ?? 0)
    const endedAt = this.#endsAt[proxy] ?? 0
    if (endedAt !== 0 && Date.now() > endedAt) this.expired++
    const checked = this.load.check(proxy, answer)
    this.#endsAt[proxy] = checked.notAfter.getTime()
    this.#count(checked)
    this.#schedule(proxy, spreadSchedule({ seed: String(proxy), minMs: TICK_MS })(checked, new Date()))
  }

  #count({ issuer }: CheckedAnswer): void {
    const now = this.#now()
    const count = this.#issuers.get(issuer) ?? { leaves: 0, firstMs: now, lastMs: now }
    count.leaves++
    count.lastMs = now
    this.#issuers.set(issuer, count)
  }
}
