import { FINAL_QUIET_MS, FRUITLESS_SPACING_MS, spacedDelayMs } from '@meshid/refresh'
import { describe, expect, test } from 'vitest'
import { createRig, HOUR, MINUTE, SECOND, START } from './rig.ts'

const top = () => 1 - 2 ** -53
const middle = () => 0.5
const bottom = () => 0

describe('the wait after a renewal that brought no longer life (Q15)', () => {
  test.each([
    ['a day left: the schedule comes first', 16.8 * HOUR, 24 * HOUR, 16.8 * HOUR, 24 * HOUR - MINUTE],
    ['an hour left, a schedule of seconds', 10 * SECOND, HOUR, FRUITLESS_SPACING_MS, HOUR - MINUTE],
    ['eight minutes left: half of them', 10 * SECOND, 8 * MINUTE, 4 * MINUTE, 7 * MINUTE],
    ['a minute and a half left: after the end', 63 * SECOND, 90 * SECOND, 90 * SECOND, 150 * SECOND],
    ['seconds left: after the end', 10 * SECOND, 7 * SECOND, 10 * SECOND, 67 * SECOND],
  ])('%s', (_what, scheduledMs, remainingMs, least, most) => {
    expect(spacedDelayMs({ scheduledMs, remainingMs, random: bottom })).toBe(least)
    expect(spacedDelayMs({ scheduledMs, remainingMs, random: top })).toBeCloseTo(most, 6)
    const half = spacedDelayMs({ scheduledMs, remainingMs, random: middle })
    expect(half).toBeGreaterThanOrEqual(least)
    expect(half).toBeLessThanOrEqual(most)
  })

  test('a broken source of randomness costs the longest wait', () => {
    const random = () => Number.NaN
    expect(spacedDelayMs({ scheduledMs: SECOND, remainingMs: HOUR, random })).toBe(HOUR - FINAL_QUIET_MS)
  })
})

describe('a refresher whose issuer cuts every value to its own end', () => {
  const end = new Date(START.getTime() + HOUR)
  const clamped = (now: Date) => ({ serial: 0, notBefore: now, notAfter: end })

  test('asks a few times in the last hour, then not before the minute after it, and tells of each renewal in vain', async () => {
    const rig = createRig({ random: middle, renew: () => renewal() })
    const asked: number[] = []
    const renewal = async () => {
      const now = rig.clock.now()
      asked.push((now.getTime() - START.getTime()) / SECOND)
      if (now >= end) throw new Error('the issuer has ended')
      return clamped(now)
    }
    await rig.clock.advance(HOUR + MINUTE)
    expect(asked).toEqual([0, 1800, 3120, 3450, 3532.5, 3630, 3631.5, 3634, 3638.5, 3647])
    const told = rig.events.filter((event) => event.type === 'not-extended')
    expect(told).toHaveLength(4)
    expect(told[0]).toEqual({
      type: 'not-extended',
      validity: { notBefore: expect.any(Date), notAfter: end },
      gainMs: 0,
    })
    expect(rig.types().slice(0, 5)).toEqual(['renewed', 'scheduled', 'renewed', 'not-extended', 'scheduled'])
    await rig.refresher[Symbol.asyncDispose]()
  })

  test('is back on its schedule with the first value that lives longer', async () => {
    const state = { isReplaced: false }
    const rig = createRig({
      random: middle,
      renew: async () => {
        const now = rig.clock.now()
        return state.isReplaced ? { ...clamped(now), notAfter: new Date(now.getTime() + HOUR) } : clamped(now)
      },
    })
    await rig.clock.advance(30 * MINUTE)
    expect(rig.types()).toContain('not-extended')
    state.isReplaced = true
    await rig.clock.advance(30 * MINUTE)
    const last = rig.events.findLast((event) => event.type === 'renewed')
    const { nextAttemptAt } = rig.refresher.status()
    expect(rig.refresher.status().state).toBe('fresh')
    expect(nextAttemptAt?.getTime()).toBe((last?.validity.notAfter.getTime() ?? 0) - HOUR / 2)
    await rig.refresher[Symbol.asyncDispose]()
  })

  test('a value that lives as long as ever is no renewal in vain, also when the clock was set back', async () => {
    const rig = createRig()
    await rig.clock.advance(0)
    rig.clock.jump(-24 * HOUR)
    await rig.clock.advance(HOUR)
    expect(rig.types()).not.toContain('not-extended')
    expect(rig.attemptsMs.length).toBeGreaterThan(1)
    await rig.refresher[Symbol.asyncDispose]()
  })

  test('ends in whole seconds, as certificates have them, make no renewal vain that comes every half second', async () => {
    const rig = createRig({
      schedule: () => SECOND / 2,
      renew: async () => {
        const now = rig.clock.now()
        return { serial: 0, notBefore: now, notAfter: new Date(Math.floor((now.getTime() + HOUR) / SECOND) * SECOND) }
      },
    })
    await rig.clock.advance(20 * SECOND)
    expect(rig.types()).not.toContain('not-extended')
    expect(rig.types().filter((type) => type === 'renewed')).toHaveLength(41)
    await rig.refresher[Symbol.asyncDispose]()
  })

  test('asking twice at the same instant is no renewal in vain', async () => {
    const rig = createRig()
    await rig.clock.advance(0)
    await rig.refresher.refreshNow()
    expect(rig.types()).not.toContain('not-extended')
    await rig.refresher[Symbol.asyncDispose]()
  })
})
