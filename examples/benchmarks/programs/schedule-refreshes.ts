import { RefreshWheel } from '@meshid/refresh'
import { medianOf } from '../src/contest.ts'
import { printResult } from '../src/result.ts'

const ENTRIES = 1_000_000
const ROUNDS = 5
const start = new Date()

interface Cost {
  readonly nanoseconds: number
  readonly bytes: number
}

const collect = (): void => {
  globalThis.gc?.()
  globalThis.gc?.()
}

/** What typed arrays and objects take together. */
const bytesInUse = (): number => {
  collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

/** Due times spread over a day, made beforehand, so that only the insertion counts. */
const due = Array.from({ length: ENTRIES }, (_, entry) => new Date(start.getTime() + ((entry * 7919) % 86_400_000)))

/** Time and memory of one insertion; `fill` returns what must be kept alive and how to drop it. */
function costOf(fill: () => { readonly drop: () => void }): Cost {
  const before = bytesInUse()
  const { user } = process.cpuUsage()
  const filled = fill()
  const spent = process.cpuUsage().user - user
  const bytes = bytesInUse() - before
  filled.drop()
  return { nanoseconds: (spent * 1000) / ENTRIES, bytes: bytes / ENTRIES }
}

function fillWheel(): { readonly drop: () => void } {
  const wheel = new RefreshWheel({ capacity: ENTRIES, now: start })
  for (let entry = 0; entry < ENTRIES; entry++) wheel.schedule(entry, due[entry] ?? start)
  return { drop: () => wheel.cancel(0) }
}

function fillTimers(): { readonly drop: () => void } {
  const nothing = (): void => {}
  const timers = due.map((date) => setTimeout(nothing, date.getTime() - start.getTime()))
  return { drop: () => timers.forEach(clearTimeout) }
}

const rounds = Array.from({ length: ROUNDS }, () => ({ timers: costOf(fillTimers), wheel: costOf(fillWheel) })).slice(1)
const of = (pick: (round: (typeof rounds)[number]) => number): number => medianOf(rounds.map(pick))
const insert = of(({ timers, wheel }) => timers.nanoseconds / wheel.nanoseconds)
const memory = of(({ timers, wheel }) => timers.bytes / wheel.bytes)
const outcomes = [
  { name: 'setTimeout', amount: of(({ timers }) => timers.nanoseconds) / 1000, ratio: 1 },
  { name: 'meshid: RefreshWheel', amount: of(({ wheel }) => wheel.nanoseconds) / 1000, ratio: 1 / insert },
]
printResult({
  title: 'Scheduling a million refreshes, each',
  outcomes,
  values: { 'T10 insert': insert, 'T10 memory': memory },
  notes: [
    `Memory of an entry: setTimeout ${of(({ timers }) => timers.bytes).toFixed(0)} bytes, RefreshWheel ${of(({ wheel }) => wheel.bytes).toFixed(1)} bytes, slots included.`,
  ],
})
