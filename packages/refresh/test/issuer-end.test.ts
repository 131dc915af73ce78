import { createRefresher, linkerdSchedule, type RefreshSchedule, spreadSchedule, type Validity } from '@meshid/refresh'
import { expect, test } from 'vitest'
import { FleetClock } from './fleet-clock.ts'
import { HOUR, MINUTE, SECOND, START } from './rig.ts'

const HOLDERS = 1_000
const AFTER = 10 * MINUTE
const end = START.getTime() + HOUR

/** A small source of numbers in [0, 1) that is the same at each run. */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** The instants of all calls of a fleet, in milliseconds from the start: the issuer ends after an hour and stays dead. */
interface Calls {
  readonly instants: number[]
}

/** Pods that start within ten minutes, on the real refresher. */
async function fleet(scheduleOf: (holder: number) => RefreshSchedule): Promise<Calls> {
  const clock = new FleetClock(START)
  const random = createRandom(7)
  const instants: number[] = []
  const renew = async (): Promise<Validity> => {
    const now = clock.now()
    instants.push(now.getTime() - START.getTime())
    if (now.getTime() >= end) throw new Error('the issuer has ended')
    return { notBefore: now, notAfter: new Date(end) }
  }
  const refreshers: AsyncDisposable[] = []
  for (let holder = 0; holder < HOLDERS; holder += 1) {
    const schedule = scheduleOf(holder)
    const start = () =>
      void refreshers.push(createRefresher({ renew, validityOf: (value) => value, schedule, clock, random }))
    clock.setTimer(startOf(holder), start)
  }
  await clock.advance(HOUR + AFTER)
  for (const refresher of refreshers) await refresher[Symbol.asyncDispose]()
  return { instants }
}

const startOf = (holder: number): number => (holder / HOLDERS) * 10 * MINUTE

/** The same pods under linkerd2-proxy's rule, which is also its rule after a failure (`certify.rs`, `refresh_in`). */
function linkerdFleet(): Calls {
  const schedule = linkerdSchedule()
  const validity = { notBefore: START, notAfter: new Date(end) }
  const instants: number[] = []
  for (let holder = 0; holder < HOLDERS; holder += 1) {
    for (let at = startOf(holder); at < HOUR + AFTER; at += schedule(validity, new Date(START.getTime() + at))) {
      instants.push(at)
    }
  }
  return { instants }
}

function countsOf({ instants }: Calls) {
  const within = (from: number, to: number): number => instants.filter((at) => at >= from && at < to).length
  const windows = Array.from({ length: (HOUR + AFTER) / SECOND }, (_value, second) => second * SECOND)
  const peak = (from: number, to: number): number =>
    Math.max(...windows.filter((at) => at >= from && at < to).map((at) => within(at, at + SECOND)))
  return {
    'in the hour': within(0, HOUR),
    'in its last 10 min': within(50 * MINUTE, HOUR),
    'in its last minute': within(59 * MINUTE, HOUR),
    'most in 1 s of the last 10 min': peak(50 * MINUTE, HOUR),
    'in the 10 min after the end': within(HOUR, HOUR + AFTER),
    'most in 1 s after the end': peak(HOUR, HOUR + AFTER),
  }
}

test('a fleet of 1,000 whose issuer ends in 1 h makes no storm of renewals, with either schedule (Q15)', async () => {
  const linkerd = countsOf(linkerdFleet())
  const ours = countsOf(await fleet(() => linkerdSchedule()))
  const spread = countsOf(await fleet((holder) => spreadSchedule({ seed: `pod-${holder}` })))
  // oxlint-disable-next-line no-console -- the figures are meant to be read
  console.table({ "Linkerd's rule": linkerd, 'linkerdSchedule, spaced': ours, 'spreadSchedule, spaced': spread })
  for (const counts of [ours, spread]) {
    expect(counts['in the hour']).toBeLessThan(0.7 * linkerd['in the hour'])
    expect(counts['in its last minute']).toBe(0)
    expect(counts['most in 1 s of the last 10 min']).toBeLessThan(linkerd['most in 1 s of the last 10 min'] / 4)
    expect(counts['in the 10 min after the end']).toBeLessThan(linkerd['in the 10 min after the end'] / 2)
  }
}, 120_000)

test('every holder has the new issuer before the old one ends, if that is replaced 10 min before', async () => {
  const clock = new FleetClock(START)
  const random = createRandom(11)
  let late = 0
  const refreshers: AsyncDisposable[] = []
  for (let holder = 0; holder < HOLDERS; holder += 1) {
    clock.setTimer(startOf(holder), () => {
      refreshers.push(
        createRefresher<Validity>({
          renew: async () => {
            const now = clock.now()
            const isReplaced = now.getTime() >= end - 10 * MINUTE
            return { notBefore: now, notAfter: new Date(isReplaced ? now.getTime() + 24 * HOUR : end) }
          },
          validityOf: (value) => value,
          schedule: linkerdSchedule(),
          clock,
          random,
          observer: ({ type }) => {
            if (type === 'expired') late += 1
          },
        }),
      )
    })
  }
  await clock.advance(HOUR + AFTER)
  expect(late).toBe(0)
  for (const refresher of refreshers) await refresher[Symbol.asyncDispose]()
}, 120_000)
