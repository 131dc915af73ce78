import { KeysError } from '../errors.ts'

/** Ends a job with an error or a result, as node:crypto calls back. */
export type JobDone<T> = (error: Error | null, result: T) => void

/** How many jobs may run and wait. */
export interface JobLimits {
  readonly maxRunning: number
  readonly maxWaiting: number
}

/**
 * Hands so many jobs to libuv's threads and lets the others wait here: what else those threads do, such as reading files, stands
 * behind what was handed to them.
 */
export class JobQueue {
  readonly #limits: JobLimits
  readonly #urgent = new Set<() => void>()
  readonly #others = new Set<() => void>()
  #running = 0

  constructor(limits: JobLimits) {
    this.#limits = limits
  }

  get running(): number {
    return this.#running
  }

  get waiting(): number {
    return this.#urgent.size + this.#others.size
  }

  /**
   * Begins a job at once or when its turn comes: first come, first served, all urgent ones before the others.
   *
   * What `begin` throws rejects the promise.
   *
   * @throws KeysError `KEYS_QUEUE_FULL`, only for a job that is not urgent; as a rejection, like everything
   */
  run<T>(begin: (done: JobDone<T>) => void, { urgent }: { readonly urgent: boolean }): Promise<T> {
    return new Promise((resolve, reject) => {
      const start = (): void => {
        this.#running += 1
        try {
          begin((error, result) => {
            this.#end()
            if (error === null) resolve(result)
            else reject(error)
          })
        } catch (error) {
          this.#end()
          reject(error)
        }
      }
      const { maxRunning, maxWaiting } = this.#limits
      if (this.#running < maxRunning) start()
      else if (urgent) this.#urgent.add(start)
      else if (this.#others.size < maxWaiting) this.#others.add(start)
      else reject(queueFull(maxWaiting))
    })
  }

  #end(): void {
    this.#running -= 1
    const [next] = this.#urgent.size > 0 ? this.#urgent : this.#others
    if (next === undefined) return
    this.#urgent.delete(next)
    this.#others.delete(next)
    next()
  }
}

function queueFull(limit: number): KeysError {
  return new KeysError('KEYS_QUEUE_FULL', `verification: expected at most ${limit} to wait, found more`, {
    detail: { limit },
  })
}
