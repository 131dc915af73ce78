/** One thing that is remembered, and for how long. */
export interface Remembered<T> {
  readonly value: T
  readonly since: Date
  /** From here on it is forgotten. */
  readonly until: Date
}

/** A table of bounded size whose entries end by themselves. The oldest makes room: the one that would end first anyway. */
export class ShortMemory<T> {
  readonly #maxEntries: number
  readonly #entries = new Map<string, Remembered<T>>()

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries
  }

  get size(): number {
    return this.#entries.size
  }

  /** A clock that went back behind `since` ends an entry too. */
  get(key: string, now: Date): Remembered<T> | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined || isLive(entry, now)) return entry
    this.#entries.delete(key)
    return undefined
  }

  /** Keeps an entry that is still live, and drops the oldest ones that are not, or for which there is no room. */
  set(key: string, entry: Remembered<T>, now: Date): void {
    if (!isLive(entry, now)) return
    this.#entries.delete(key)
    this.#entries.set(key, Object.freeze(entry))
    for (const [oldest, { since, until }] of this.#entries) {
      if (this.#entries.size <= this.#maxEntries && isLive({ since, until }, now)) break
      this.#entries.delete(oldest)
    }
  }

  delete(key: string): void {
    this.#entries.delete(key)
  }

  clear(): void {
    this.#entries.clear()
  }
}

function isLive({ since, until }: Pick<Remembered<unknown>, 'since' | 'until'>, now: Date): boolean {
  return since <= now && now < until
}
