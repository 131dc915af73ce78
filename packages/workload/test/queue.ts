/** Things that happen, and tests that wait for the next one; the test's own deadline ends the wait. */
export interface Queue<T> {
  /** Everything so far, taken or not. */
  readonly all: readonly T[]
  push(item: T): void
  /** The first that was not taken yet and fits. */
  next(fits?: (item: T) => boolean): Promise<T>
}

/** Makes an empty queue. */
export function createQueue<T>(): Queue<T> {
  const all: T[] = []
  const untaken: T[] = []
  const waiting: { fits: (item: T) => boolean; resolve: (item: T) => void }[] = []
  return {
    all,
    push(item) {
      all.push(item)
      const index = waiting.findIndex(({ fits }) => fits(item))
      if (index < 0) untaken.push(item)
      else waiting.splice(index, 1)[0]?.resolve(item)
    },
    next(fits = () => true) {
      const index = untaken.findIndex(fits)
      if (index >= 0) return Promise.resolve(untaken.splice(index, 1)[0] as T)
      return new Promise((resolve) => {
        waiting.push({ fits, resolve })
      })
    },
  }
}
