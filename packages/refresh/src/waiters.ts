/** Those who wait for the next outcome; each may give up by its own signal. */
export class Waiters<T> {
  readonly #waiting = new Set<{ resolve(value: T): void; reject(reason: unknown): void }>()

  /** Rejects with `signal.reason`, untouched, when the signal aborts first. */
  wait(signal?: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason)
        return
      }
      const leave = () => {
        this.#waiting.delete(waiter)
        signal?.removeEventListener('abort', giveUp)
      }
      const giveUp = () => waiter.reject(signal?.reason)
      const waiter = {
        resolve: (value: T) => {
          leave()
          resolve(value)
        },
        reject: (reason: unknown) => {
          leave()
          reject(reason)
        },
      }
      this.#waiting.add(waiter)
      signal?.addEventListener('abort', giveUp)
    })
  }

  resolve(value: T): void {
    for (const waiter of this.#waiting) waiter.resolve(value)
  }

  reject(reason: unknown): void {
    for (const waiter of this.#waiting) waiter.reject(reason)
  }
}
