import { monotonicMs } from '../system-clock.ts'

/** A request on its way. */
export interface Arrival {
  /** By the clock of durations. */
  readonly beganMs: number
  /** Is called when the request has not arrived in time. */
  outOfTime(limitMs: number): void
}

/**
 * Sees to it that requests arrive in time. All of them have the same time, so the oldest is the first that is out of it, and
 * one timer is enough: one for each request, which it seldom needs, costs a twentieth of a call.
 */
export class Arrivals {
  readonly limitMs: number
  /** The oldest first. */
  readonly #waiting = new Set<Arrival>()
  #timer: NodeJS.Timeout | undefined

  constructor(limitMs: number) {
    this.limitMs = limitMs
  }

  add(arrival: Arrival): void {
    this.#waiting.add(arrival)
    if (this.#timer === undefined) this.#timer = this.#wait(this.limitMs)
  }

  /** Forgets a request, because it has arrived or its call has ended. */
  delete(arrival: Arrival): void {
    this.#waiting.delete(arrival)
  }

  #wait(delayMs: number): NodeJS.Timeout {
    return setTimeout(() => this.#look(), delayMs).unref()
  }

  #look(): void {
    this.#timer = undefined
    const latestMs = monotonicMs() - this.limitMs
    for (const arrival of this.#waiting) {
      if (arrival.beganMs > latestMs) {
        this.#timer = this.#wait(Math.ceil(arrival.beganMs - latestMs))
        return
      }
      this.#waiting.delete(arrival)
      arrival.outOfTime(this.limitMs)
    }
  }
}
