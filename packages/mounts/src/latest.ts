/** Hands the latest value to any number of iterators; one that is slow skips what it missed. */
export class Latest<T> {
  readonly #readers = new Set<Reader<T>>()
  #held: { readonly value: T } | undefined
  #closed = false

  publish(value: T): void {
    this.#held = { value }
    for (const reader of this.#readers) reader.offer(value)
  }

  /** Ends every iteration, now and later. */
  close(): void {
    this.#closed = true
    this.#held = undefined
    for (const reader of this.#readers) reader.end()
    this.#readers.clear()
  }

  /** Begins with the value that is there, if any. */
  values(): AsyncIterable<T> {
    return { [Symbol.asyncIterator]: () => this.#read() }
  }

  #read(): AsyncIterator<T, undefined> {
    const reader = new Reader<T>(() => this.#readers.delete(reader))
    if (this.#closed) reader.end()
    else this.#readers.add(reader)
    if (this.#held !== undefined) reader.offer(this.#held.value)
    return reader
  }
}

class Reader<T> implements AsyncIterator<T, undefined> {
  readonly #leave: () => void
  readonly #waiting: ((result: IteratorResult<T, undefined>) => void)[] = []
  #pending: { readonly value: T } | undefined
  #ended = false

  constructor(leave: () => void) {
    this.#leave = leave
  }

  offer(value: T): void {
    if (this.#ended) return
    const first = this.#waiting.shift()
    if (first === undefined) this.#pending = { value }
    else first({ value, done: false })
  }

  end(): void {
    this.#ended = true
    this.#pending = undefined
    for (const resolve of this.#waiting.splice(0)) resolve({ value: undefined, done: true })
  }

  next(): Promise<IteratorResult<T, undefined>> {
    const pending = this.#pending
    if (pending !== undefined) {
      this.#pending = undefined
      return Promise.resolve({ value: pending.value, done: false })
    }
    if (this.#ended) return Promise.resolve({ value: undefined, done: true })
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.end()
    this.#leave()
    return Promise.resolve({ value: undefined, done: true })
  }
}
