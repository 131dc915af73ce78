import type { Clock } from '@meshid/refresh'
import { settle } from './test-clock.ts'

interface Timer {
  readonly dueMs: number
  readonly callback: () => void
  isCancelled: boolean
}

/** A clock for thousands of timers: a binary heap instead of a search. */
export class FleetClock implements Clock {
  readonly #startMs: number
  readonly #heap: Timer[] = []
  #elapsedMs = 0

  constructor(start: Date) {
    this.#startMs = start.getTime()
  }

  now(): Date {
    return new Date(this.#startMs + this.#elapsedMs)
  }

  setTimer(delayMs: number, callback: () => void): () => void {
    const timer = { dueMs: this.#elapsedMs + delayMs, callback, isCancelled: false }
    this.#push(timer)
    return () => void (timer.isCancelled = true)
  }

  /** Fires everything that falls due, in the order of time; promises settle between two instants. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#elapsedMs + ms
    await settle()
    for (let next = this.#heap[0]; next !== undefined && next.dueMs <= endMs; next = this.#heap[0]) {
      this.#elapsedMs = next.dueMs
      while (this.#heap[0]?.dueMs === this.#elapsedMs) {
        const timer = this.#pop()
        if (timer?.isCancelled === false) timer.callback()
      }
      await settle()
    }
    this.#elapsedMs = endMs
  }

  #push(timer: Timer): void {
    const heap = this.#heap
    let at = heap.push(timer) - 1
    for (let up = (at - 1) >> 1; at > 0 && (heap[up]?.dueMs ?? 0) > timer.dueMs; up = (at - 1) >> 1) {
      heap[at] = heap[up] ?? timer
      at = up
    }
    heap[at] = timer
  }

  #pop(): Timer | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return first
    let at = 0
    for (;;) {
      const left = 2 * at + 1
      const right = heap[left + 1]
      const smaller = right !== undefined && right.dueMs < (heap[left]?.dueMs ?? Infinity) ? left + 1 : left
      const child = heap[smaller]
      if (child === undefined || child.dueMs >= last.dueMs) break
      heap[at] = child
      at = smaller
    }
    heap[at] = last
    return first
  }
}
