import { spreadSchedule } from '@meshid/refresh'
import { describe, expect, test } from 'vitest'
import { createRig, HOUR, MINUTE, SECOND, START } from './rig.ts'

const DAY = 24 * HOUR
const down = new Error('the server is down')

describe('a clock that jumps', () => {
  test('forward: the renewal that fell due is noticed within a minute', async () => {
    const { clock, attemptsMs } = createRig({ lifeMs: DAY })
    await clock.advance(MINUTE)
    clock.jump(13 * HOUR)
    await clock.advance(MINUTE)
    expect(attemptsMs).toHaveLength(2)
  })

  test('forward past the end, as a machine that slept over the weekend: expired, then renewed', async () => {
    const { clock, refresher, types } = createRig({ lifeMs: DAY })
    await clock.advance(SECOND)
    clock.jump(3 * DAY)
    expect(refresher.status()).toMatchObject({ state: 'expired', since: new Date(START.getTime() + DAY) })
    await clock.advance(MINUTE)
    expect(refresher.status().state).toBe('fresh')
    expect(types()).toEqual(['renewed', 'scheduled', 'expired', 'renewed', 'scheduled'])
  })

  test('back: a renewal is not put off', async () => {
    const { clock, attemptsMs } = createRig({ lifeMs: DAY })
    await clock.advance(HOUR)
    clock.jump(-365 * DAY)
    await clock.advance(11 * HOUR)
    expect(attemptsMs).toHaveLength(2)
  })

  test('back: a retry is not put off', async () => {
    const { clock, attemptsMs } = createRig({ before: (serial) => (serial === 1 ? Promise.reject(down) : undefined) })
    await clock.advance(0)
    clock.jump(-DAY)
    await clock.advance(2 * SECOND)
    expect(attemptsMs).toHaveLength(2)
  })

  test('forth and back: the state follows, and a second expiry is told again', async () => {
    const { clock, refresher, types } = createRig({
      before: (serial) => (serial > 1 ? Promise.reject(down) : undefined),
    })
    await clock.advance(0)
    clock.jump(2 * HOUR)
    expect(refresher.status().state).toBe('expired')
    await clock.advance(MINUTE)
    clock.jump(-2 * HOUR)
    expect(refresher.status().state).toBe('retrying')
    expect((await refresher.ready()).serial).toBe(1)
    await clock.advance(HOUR)
    expect(refresher.status().state).toBe('expired')
    expect(types().filter((type) => type === 'expired')).toHaveLength(2)
  })
})

/** Uniform numbers from a seed, the same on every run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

describe('a simulated week of 24 h credentials', () => {
  test('with a third of all renewals failing, four hours of outage and clocks that wander, nothing expires', async () => {
    const random = seeded(7)
    const outages = [30 * HOUR, 100 * HOUR].map((begin) => [
      START.getTime() + begin,
      START.getTime() + begin + 4 * HOUR,
    ])
    const rig = createRig({
      lifeMs: DAY,
      schedule: spreadSchedule({ seed: 'spiffe://cluster.local/ns/shop/sa/web' }),
      random,
      before: () => {
        const now = rig.clock.now().getTime()
        const out = outages.some(([begin = 0, end = 0]) => now >= begin && now < end)
        return out || random() < 1 / 3 ? Promise.reject(down) : undefined
      },
    })
    for (let hour = 0; hour < 7 * 24; hour += 1) {
      await rig.clock.advance(HOUR)
      rig.clock.jump((random() - 0.5) * 10 * SECOND)
      expect(rig.refresher.status().state).not.toBe('expired')
      expect(rig.clock.timers).toBeLessThanOrEqual(2)
    }
    expect(rig.clock.longestDelayMs).toBeLessThanOrEqual(MINUTE)
    const renewals = rig.types().filter((type) => type === 'renewed').length
    expect(renewals).toBeGreaterThanOrEqual(8)
    expect(renewals).toBeLessThanOrEqual(12)
    expect(rig.types()).not.toContain('expired')
    expect(rig.types()).toContain('failed')
    await rig.refresher[Symbol.asyncDispose]()
    expect(rig.clock.timers).toBe(0)
  })

  test('an outage of 30 hours costs at most a minute more than itself', async () => {
    const back = START.getTime() + 50 * HOUR
    const rig = createRig({
      lifeMs: DAY,
      schedule: spreadSchedule({ seed: 'spiffe://cluster.local/ns/shop/sa/web' }),
      random: seeded(8),
      before: () => {
        const now = rig.clock.now().getTime()
        return now >= back - 30 * HOUR && now < back ? Promise.reject(down) : undefined
      },
    })
    await rig.clock.advance(50 * HOUR)
    expect(rig.refresher.status().state).toBe('expired')
    await rig.clock.advance(MINUTE)
    expect(rig.refresher.status().state).toBe('fresh')
    expect(rig.types().filter((type) => type === 'expired')).toHaveLength(1)
  })
})

test('who is told when to come back does not come before', async () => {
  const waits: number[] = []
  for (const retryAfterMsOf of [
    () => 20 * SECOND,
    () => undefined,
    () => {
      throw new Error('no number')
    },
  ]) {
    const rig = createRig({ before: () => Promise.reject(new Error('busy')), retryAfterMsOf, random: () => 0 })
    await rig.clock.advance(0)
    waits.push((rig.refresher.status().nextAttemptAt?.getTime() ?? 0) - rig.clock.now().getTime())
    await rig.refresher[Symbol.asyncDispose]()
  }
  expect(waits).toEqual([21 * SECOND, SECOND, SECOND])
})
