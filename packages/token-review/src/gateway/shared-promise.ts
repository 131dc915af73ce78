interface Waiter<T> {
  readonly resolve: (value: T) => void
  readonly reject: (reason: unknown) => void
}

/** One promise that several callers await; each may give up on its own, and then nothing of it is kept. */
export class SharedPromise<T> {
  readonly #promise: Promise<T>
  readonly #onDeserted: () => void
  readonly #waiters = new Set<Waiter<T>>()
  #settled = false

  /** @param onDeserted - called when the last caller has given up, before the promise has settled */
  constructor(promise: Promise<T>, onDeserted: () => void = () => {}) {
    this.#promise = promise
    this.#onDeserted = onDeserted
    promise.then(
      (value) => this.#settle(({ resolve }) => resolve(value)),
      (reason: unknown) => this.#settle(({ reject }) => reject(reason)),
    )
  }

  /** Waits for the promise; rejects with `signal.reason`, untouched, when that comes first. */
  wait(signal: AbortSignal | undefined): Promise<T> {
    if (signal?.aborted === true) return Promise.reject(signal.reason)
    if (this.#settled) return this.#promise
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiters.delete(waiter)
        reject(signal?.reason)
        if (this.#waiters.size === 0) this.#onDeserted()
      }
      const stay = (): void => signal?.removeEventListener('abort', leave)
      const waiter: Waiter<T> = {
        resolve: (value) => {
          stay()
          resolve(value)
        },
        reject: (reason) => {
          stay()
          reject(reason)
        },
      }
      this.#waiters.add(waiter)
      signal?.addEventListener('abort', leave, { once: true })
    })
  }

  #settle(tell: (waiter: Waiter<T>) => void): void {
    this.#settled = true
    for (const waiter of this.#waiters) tell(waiter)
    this.#waiters.clear()
  }
}
