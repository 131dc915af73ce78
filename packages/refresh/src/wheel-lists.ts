/**
 * Circular doubly linked lists over typed arrays: 8 bytes an entry, no objects. Nodes below `capacity` are entries, those above are
 * the heads of lists; an entry is in one list or in none.
 */
export class WheelLists {
  /** The node after each node; -1 for an entry that is in no list. */
  readonly #next: Int32Array
  readonly #previous: Int32Array
  readonly #capacity: number

  constructor(capacity: number, lists: number) {
    this.#capacity = capacity
    this.#next = new Int32Array(capacity + lists).fill(-1, 0, capacity)
    this.#previous = new Int32Array(capacity + lists)
    for (let head = capacity; head < capacity + lists; head++) this.#next[head] = this.#previous[head] = head
  }

  has(entry: number): boolean {
    return this.#next[entry] !== -1
  }

  /** Puts an entry that is in no list at the end of one. */
  append(list: number, entry: number): void {
    const head = this.#capacity + list
    const last = this.#previous[head] as number
    this.#next[last] = entry
    this.#previous[entry] = last
    this.#next[entry] = head
    this.#previous[head] = entry
  }

  /** Takes an entry out of its list. */
  remove(entry: number): void {
    const [next, previous] = [this.#next[entry] as number, this.#previous[entry] as number]
    this.#next[previous] = next
    this.#previous[next] = previous
    this.#next[entry] = -1
  }

  /** The first entry of a list, or -1. */
  first(list: number): number {
    const entry = this.#next[this.#capacity + list] as number
    return entry < this.#capacity ? entry : -1
  }

  /** Moves all of one list to the end of another, however long it is, in a handful of steps. */
  moveAll(from: number, to: number): void {
    const [source, target] = [this.#capacity + from, this.#capacity + to]
    const [first, last] = [this.#next[source] as number, this.#previous[source] as number]
    if (first === source) return
    const end = this.#previous[target] as number
    this.#next[end] = first
    this.#previous[first] = end
    this.#next[last] = target
    this.#previous[target] = last
    this.#next[source] = this.#previous[source] = source
  }
}
