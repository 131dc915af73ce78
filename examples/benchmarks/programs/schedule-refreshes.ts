import { setTimeout as delay } from 'node:timers/promises'
import { RefreshWheel } from '@meshid/refresh'
import { medianOf } from '../src/contest.ts'
import { printResult } from '../src/result.ts'

const ENTRIES = 1_000_000
/** Of both, until V8 has compiled what they call. */
const WARM_UP_ENTRIES = 100_000
const ROUNDS = 3
/** Fills of a wheel in a round: one is so short that whatever else the machine does would show. */
const WHEELS = 7
const QUIET_MS = 20
const MAX_SETTLE_MS = 3000
const start = new Date()

/** Entries that one call of a loop schedules: few, so that V8 compiles the loop as a whole and not anew in each fill. */
const CHUNK = 1000

/** Schedules so many from nothing; gives back how to drop what it has scheduled, so that it is kept until then. */
type Fill = (entries: number) => () => void

/** Due times spread over a day, made beforehand, so that only the insertion counts. */
const due = Array.from({ length: ENTRIES }, (_, entry) => new Date(start.getTime() + ((entry * 7919) % 86_400_000)))

function fillInChunks(entries: number, fillChunk: (from: number, to: number) => void): void {
  for (let from = 0; from < entries; from += CHUNK) fillChunk(from, Math.min(from + CHUNK, entries))
}

/** Lives as long as the program: V8 forgets what it has compiled for objects of which there is none any more. */
const kept = { wheel: new RefreshWheel({ capacity: 1, now: start }), timer: setTimeout(() => {}, 86_400_000).unref() }

const fillWheel: Fill = (entries) => {
  const wheel = new RefreshWheel({ capacity: entries, now: start })
  fillInChunks(entries, (from, to) => {
    for (let entry = from; entry < to; entry++) wheel.schedule(entry, due[entry] ?? start)
  })
  return () => void wheel.cancel(0)
}

const fillTimers: Fill = (entries) => {
  const timers: NodeJS.Timeout[] = []
  const nothing = (): void => {}
  fillInChunks(entries, (from, to) => {
    for (let entry = from; entry < to; entry++) {
      timers.push(setTimeout(nothing, (due[entry] ?? start).getTime() - start.getTime()))
    }
  })
  return () => timers.forEach(clearTimeout)
}

/** Processor time of all threads, in microseconds: what a fill leaves to the collector counts, while it runs. */
function cpuMicroseconds(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

/** Collects, and waits until the collector's threads have come to rest, or they would work on the time of whoever is next. */
async function settle(): Promise<void> {
  globalThis.gc?.()
  for (const end = performance.now() + MAX_SETTLE_MS; performance.now() < end;) {
    const before = cpuMicroseconds()
    await delay(QUIET_MS)
    if (cpuMicroseconds() - before < QUIET_MS * 100) return
  }
}

/** What typed arrays and objects take together. */
function bytesInUse(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

/** Microseconds of one insertion, the median of some fills from nothing. */
async function costOf(fill: Fill, times: number, entries = ENTRIES): Promise<number> {
  const costs: number[] = []
  for (let time = 0; time < times; time++) {
    await settle()
    const before = cpuMicroseconds()
    const drop = fill(entries)
    costs.push((cpuMicroseconds() - before) / entries)
    drop()
  }
  return medianOf(costs)
}

/** The memory of each entry, when everything else is collected. */
async function bytesOf(fill: Fill): Promise<number> {
  await settle()
  const before = bytesInUse()
  const drop = fill(ENTRIES)
  await settle()
  const bytes = bytesInUse() - before
  drop()
  return bytes / ENTRIES
}

for (const fill of [fillTimers, fillWheel]) await costOf(fill, 3, WARM_UP_ENTRIES)
const bytes = { timers: await bytesOf(fillTimers), wheel: await bytesOf(fillWheel) }
const rounds: { readonly timers: number; readonly wheel: number }[] = []
for (let round = 0; round < ROUNDS; round++) {
  rounds.push({ timers: await costOf(fillTimers, 1), wheel: await costOf(fillWheel, WHEELS) })
}
clearTimeout(kept.timer)
kept.wheel.cancel(0)
const insert = medianOf(rounds.map(({ timers, wheel }) => timers / wheel))
printResult({
  title: 'Scheduling a million refreshes, each',
  outcomes: [
    { name: 'setTimeout', amount: medianOf(rounds.map(({ timers }) => timers)), ratio: 1 },
    { name: 'meshid: RefreshWheel', amount: medianOf(rounds.map(({ wheel }) => wheel)), ratio: 1 / insert },
  ],
  values: { 'T10 insert': insert, 'T10 memory': bytes.timers / bytes.wheel },
  notes: [
    `Memory of an entry: setTimeout ${bytes.timers.toFixed(0)} bytes, RefreshWheel ${bytes.wheel.toFixed(1)} bytes, slots included.`,
  ],
})
