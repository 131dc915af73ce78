import { setTimeout as delay } from 'node:timers/promises'
import { RefreshWheel } from '@meshid/refresh'
import { medianOf } from '../src/contest.ts'
import { printResult } from '../src/result.ts'

const ENTRIES = 1_000_000
/** Of both, until V8 has compiled what they call. */
const WARM_UP_ENTRIES = 100_000
/** Few, because a million timers take seconds to set and to clear; the program runs several times. */
const ROUNDS = 2
/** Fills of a wheel in a round: one is so short that whatever else the machine does would show. */
const WHEELS = 5
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

/** What one fill cost, for each entry. */
interface Cost {
  readonly microseconds: number
  /** When everything else is collected; 0 unless it was asked for. */
  readonly bytes: number
}

async function costOf(fill: Fill, entries: number, weighs: boolean): Promise<Cost> {
  await settle()
  const [bytesBefore, before] = [bytesInUse(), cpuMicroseconds()]
  const drop = fill(entries)
  const spent = cpuMicroseconds() - before
  if (weighs) await settle()
  const bytes = weighs ? bytesInUse() - bytesBefore : 0
  drop()
  return { microseconds: spent / entries, bytes: bytes / entries }
}

/** One turn of a contender: the median of its fills. */
async function takeTurn(fill: Fill, fills: number, weighs: boolean): Promise<Cost> {
  const costs: Cost[] = []
  for (let done = 0; done < fills; done++) costs.push(await costOf(fill, ENTRIES, weighs))
  return {
    microseconds: medianOf(costs.map(({ microseconds }) => microseconds)),
    bytes: medianOf(costs.map(({ bytes }) => bytes)),
  }
}

for (const fill of [fillTimers, fillWheel, fillTimers, fillWheel]) await costOf(fill, WARM_UP_ENTRIES, false)
const rounds: { readonly timers: Cost; readonly wheel: Cost }[] = []
for (let round = 0; round < ROUNDS; round++) {
  // Weighing takes seconds, and is the same each time.
  const weighs = round === 0
  rounds.push({ timers: await takeTurn(fillTimers, 1, weighs), wheel: await takeTurn(fillWheel, WHEELS, weighs) })
}
clearTimeout(kept.timer)
kept.wheel.cancel(0)
const mean = (pick: (round: (typeof rounds)[number]) => number): number =>
  rounds.reduce((sum, round) => sum + pick(round), 0) / rounds.length
const insert = mean(({ timers, wheel }) => timers.microseconds / wheel.microseconds)
const { bytes: timerBytes = Number.NaN } = rounds[0]?.timers ?? {}
const { bytes: wheelBytes = Number.NaN } = rounds[0]?.wheel ?? {}
printResult({
  title: 'Scheduling a million refreshes, each',
  outcomes: [
    { name: 'setTimeout', amount: mean(({ timers }) => timers.microseconds), ratio: 1 },
    { name: 'meshid: RefreshWheel', amount: mean(({ wheel }) => wheel.microseconds), ratio: 1 / insert },
  ],
  values: { 'T10 insert': insert, 'T10 memory': timerBytes / wheelBytes },
  notes: [
    `Memory of an entry: setTimeout ${timerBytes.toFixed(0)} bytes, RefreshWheel ${wheelBytes.toFixed(1)} bytes, slots included.`,
  ],
})
