import { WheelLists } from './wheel-lists.ts'

/** The most entries that a wheel can be made for. */
export const MAX_WHEEL_CAPACITY = 16_777_216

/** The width of a tick unless told otherwise, in milliseconds: an entry fires at most so much after its time. */
export const DEFAULT_WHEEL_TICK_MS = 1_000

/** The shortest tick, in milliseconds. */
export const MIN_WHEEL_TICK_MS = 10

/** Slots of a wheel: with ticks of 1 s, more than 36 hours pass before a slot comes round again. */
export const WHEEL_SLOTS = 131_072

/** The furthest tick from the start of a wheel, 136 years of seconds. */
const MAX_TICK = 0xffff_ffff

/** Options of {@link RefreshWheel}. */
export interface RefreshWheelOptions {
  /** How many entries there may be; they are the integers below it. At most {@link MAX_WHEEL_CAPACITY}; 12 bytes each. */
  readonly capacity: number
  /** Default {@link DEFAULT_WHEEL_TICK_MS}; at least {@link MIN_WHEEL_TICK_MS}. */
  readonly tickMs?: number
  /** Where time begins. Entries that are due earlier are due at once. */
  readonly now: Date
}

/**
 * When each of many identities must be renewed: a hashed wheel of typed arrays, for agents, gateways and simulators that hold up to
 * millions of credentials. It has no timer of its own; see `startRefreshWheel`.
 *
 * An entry is a number that the caller chooses, such as the index of an identity. Scheduling, cancelling and firing take constant time.
 */
export class RefreshWheel {
  readonly #lists: WheelLists
  /** The tick at which each entry is due, counted from the start. */
  readonly #dueTick: Uint32Array
  readonly #capacity: number
  readonly #tickMs: number
  readonly #startMs: number
  /** Every slot up to this tick has been emptied into the pending list. */
  #tick = 0
  #size = 0

  /** @throws RangeError when an option is out of its range */
  constructor({ capacity, tickMs = DEFAULT_WHEEL_TICK_MS, now }: RefreshWheelOptions) {
    if (!(Number.isSafeInteger(capacity) && capacity >= 1 && capacity <= MAX_WHEEL_CAPACITY)) {
      throw new RangeError(`capacity: expected an integer from 1 to ${MAX_WHEEL_CAPACITY}, found ${capacity}`)
    }
    if (!(Number.isSafeInteger(tickMs) && tickMs >= MIN_WHEEL_TICK_MS)) {
      throw new RangeError(`tickMs: expected an integer from ${MIN_WHEEL_TICK_MS}, found ${tickMs}`)
    }
    this.#startMs = checkInstant('now', now)
    this.#capacity = capacity
    this.#tickMs = tickMs
    this.#lists = new WheelLists(capacity, WHEEL_SLOTS + 1)
    this.#dueTick = new Uint32Array(capacity)
  }

  /** How many entries are scheduled. */
  get size(): number {
    return this.#size
  }

  get capacity(): number {
    return this.#capacity
  }

  get tickMs(): number {
    return this.#tickMs
  }

  /** Whether an entry is scheduled. */
  has(entry: number): boolean {
    return this.#lists.has(this.#check(entry))
  }

  /**
   * Schedules an entry, in place of what it was scheduled for. It fires in the first tick that begins at `due` or later.
   *
   * @throws RangeError when the entry is not one of the wheel's, or `due` is no instant or beyond its range
   */
  schedule(entry: number, due: Date): void {
    this.cancel(entry)
    const tick = Math.max(Math.ceil((checkInstant('due', due) - this.#startMs) / this.#tickMs), 0)
    if (tick > MAX_TICK) throw new RangeError(`due: expected at most ${MAX_TICK} ticks from the start, found ${tick}`)
    this.#dueTick[entry] = tick
    this.#lists.append(tick <= this.#tick ? PENDING : tick % WHEEL_SLOTS, entry)
    this.#size++
  }

  /** Takes an entry off the wheel; says whether it was on it. */
  cancel(entry: number): boolean {
    if (!this.has(entry)) return false
    this.#lists.remove(entry)
    this.#size--
    return true
  }

  /**
   * Moves the wheel on and takes off what is due, the earliest first (but for what was slept through for longer than a turn): at most `limit` entries, so that one tick is never long. What is
   * left over comes first the next time. A `now` that lies before an earlier one moves nothing.
   *
   * @throws RangeError when `limit` is no positive integer
   */
  takeDue(now: Date, { limit }: { readonly limit: number }): number[] {
    if (!(Number.isSafeInteger(limit) && limit > 0)) throw new RangeError(`limit: expected 1 or more, found ${limit}`)
    const due: number[] = []
    const target = Math.min(Math.floor((checkInstant('now', now) - this.#startMs) / this.#tickMs), MAX_TICK)
    // What waits in a slot for a later round is put back, and counts as work too.
    for (let work = 0; work < limit; work++) {
      const entry = this.#nextPending(target)
      if (entry === -1) break
      this.#lists.remove(entry)
      const tick = this.#dueTick[entry] as number
      if (tick > this.#tick) this.#lists.append(tick % WHEEL_SLOTS, entry)
      else due.push(entry)
    }
    this.#size -= due.length
    return due
  }

  /** Whether `takeDue` would have more to do at this time. */
  isBehind(now: Date): boolean {
    return this.#nextPending(Math.floor((checkInstant('now', now) - this.#startMs) / this.#tickMs)) !== -1
  }

  /** The first entry of what is due or must be looked at, moving on slot by slot until there is one. */
  #nextPending(target: number): number {
    let entry = this.#lists.first(PENDING)
    // After a whole turn every slot has been emptied once, so a long sleep costs no more than one turn.
    if (target - this.#tick > WHEEL_SLOTS) this.#tick = target - WHEEL_SLOTS
    while (entry === -1 && this.#tick < target) {
      this.#tick++
      this.#lists.moveAll(this.#tick % WHEEL_SLOTS, PENDING)
      entry = this.#lists.first(PENDING)
    }
    return entry
  }

  #check(entry: number): number {
    if (Number.isSafeInteger(entry) && entry >= 0 && entry < this.#capacity) return entry
    throw new RangeError(`entry: expected an integer from 0 to ${this.#capacity - 1}, found ${entry}`)
  }
}

/** The list of what is due, or was in the slot of a tick that has come; the slots are the lists before it. */
const PENDING = WHEEL_SLOTS

function checkInstant(name: string, value: Date): number {
  const time = value.getTime()
  if (Number.isNaN(time)) throw new RangeError(`${name}: expected an instant, found an invalid date`)
  return time
}
