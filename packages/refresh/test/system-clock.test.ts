import { createRefresher, createSystemClock, MAX_TIMER_MS, spreadSchedule, systemClock } from '@meshid/refresh'
import { describe, expect, test } from 'vitest'

describe('the system clock', () => {
  test('tells the time of the platform', () => {
    const before = Date.now()
    const now = systemClock.now().getTime()
    expect(now).toBeGreaterThanOrEqual(before)
    expect(now).toBeLessThanOrEqual(Date.now())
  })

  test.each(['foreground', 'background'] as const)('calls back once, later, in the %s', async (timers) => {
    const clock = createSystemClock({ timers })
    let called = 0
    await new Promise<void>((resolve) => {
      clock.setTimer(0, () => {
        called += 1
        if (timers === 'foreground') resolve()
      })
      expect(called).toBe(0)
      if (timers === 'background') systemClock.setTimer(5, resolve)
    })
    expect(called).toBe(1)
  })

  test('cancels', async () => {
    let called = 0
    systemClock.setTimer(0, () => (called += 1))()
    await new Promise<void>((resolve) => void systemClock.setTimer(2, resolve))
    expect(called).toBe(0)
  })

  test.each([-1, Number.NaN, MAX_TIMER_MS + 1, Infinity])(
    'refuses a delay of %d ms, which would fire at once',
    (delay) => {
      expect(() => systemClock.setTimer(delay, () => {})).toThrow(RangeError)
    },
  )

  test('drives a refresher', async () => {
    const start = Date.now()
    await using refresher = createRefresher({
      renew: () => Promise.resolve('credential'),
      validityOf: () => ({ notBefore: new Date(start), notAfter: new Date(start + 3_600_000) }),
      schedule: spreadSchedule({ seed: 'a' }),
      clock: systemClock,
      random: Math.random,
    })
    expect(await refresher.ready()).toBe('credential')
    expect(await refresher.refreshNow()).toBe('credential')
  })
})
