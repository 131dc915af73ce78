import { RefreshWheel } from '@meshid/refresh'

/** What identities on a wheel cost, in nanoseconds of processor time each. */
export interface WheelCost {
  readonly identities: number
  readonly insertNs: number
  readonly rescheduleNs: number
  readonly fireNs: number
  readonly cancelNs: number
  /** Of the wheel, its slots included. */
  readonly bytes: number
}

const DAY_MS = 86_400_000
/** Entries that are taken off the wheel at once. */
const BATCH = 100
/** Small wheels are filled again until so many entries were: the clock of the processor counts in microseconds. */
const ENTRIES = 1_000_000
const WARM_UP = 100_000

/** What wheels of some sizes cost, one after the other. */
export function wheelCosts(sizes: readonly number[], onSize: (identities: number) => void): readonly WheelCost[] {
  // V8 forgets what it has compiled for objects of which there is none any more, so one stays.
  const kept = new RefreshWheel({ capacity: 1, now: new Date(0) })
  wheelCost(WARM_UP)
  const costs = sizes.map((identities) => {
    onSize(identities)
    return wheelCost(identities)
  })
  kept.cancel(0)
  return costs
}

/** Fills wheels with identities that are due within a day, moves them, lets them fire, and cancels them. */
function wheelCost(identities: number): WheelCost {
  const start = new Date(0)
  const due = Array.from({ length: identities }, (_, entry) => new Date((entry * 7919) % DAY_MS))
  const later = due.map((date) => new Date(date.getTime() + DAY_MS / 4))
  const spent = { insert: 0, reschedule: 0, fire: 0, cancel: 0 }
  let bytes = 0
  const rounds = Math.max(2, Math.ceil(ENTRIES / identities))
  for (let round = 0; round < rounds; round++) {
    const [before, begin] = [process.memoryUsage().arrayBuffers, cpuMicroseconds()]
    const wheel = new RefreshWheel({ capacity: identities, now: start })
    const made = cpuMicroseconds() - begin
    bytes = Math.max(bytes, process.memoryUsage().arrayBuffers - before)
    spent.insert += made + timed(() => scheduleAll(wheel, due))
    spent.reschedule += timed(() => scheduleAll(wheel, later))
    spent.fire += timed(() => fireAll(wheel, new Date(2 * DAY_MS)))
    scheduleAll(wheel, later)
    spent.cancel += timed(() => cancelAll(wheel))
  }
  const each = (microseconds: number): number => (microseconds * 1000) / (rounds * identities)
  return {
    identities,
    insertNs: each(spent.insert),
    rescheduleNs: each(spent.reschedule),
    fireNs: each(spent.fire),
    cancelNs: each(spent.cancel),
    bytes,
  }
}

function cpuMicroseconds(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

function timed(work: () => void): number {
  const begin = cpuMicroseconds()
  work()
  return cpuMicroseconds() - begin
}

function scheduleAll(wheel: RefreshWheel, due: readonly Date[]): void {
  for (let entry = 0; entry < due.length; entry++) wheel.schedule(entry, due[entry] ?? new Date(0))
}

/** As a process would that looks at its wheel once a second, with whatever is left over taken before the next one. */
function fireAll(wheel: RefreshWheel, end: Date): void {
  for (let now = 0; wheel.size > 0 && now <= end.getTime(); now += wheel.tickMs) {
    while (wheel.takeDue(new Date(now), { limit: BATCH }).length > 0);
  }
}

function cancelAll(wheel: RefreshWheel): void {
  for (let entry = 0; entry < wheel.capacity; entry++) wheel.cancel(entry)
}
