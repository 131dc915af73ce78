import { createRefresher, DEFAULT_RENEW_TIMEOUT_MS, systemClock } from '@meshid/refresh'
import { describe, expect, test } from 'vitest'
import { createRig, HOUR, MINUTE, SECOND, START } from './rig.ts'
import { settle } from './test-clock.ts'

const down = new Error('the server is down')
const at = (ms: number) => new Date(START.getTime() + ms)

describe('a refresher', () => {
  test('fetches at once, then as the schedule says', async () => {
    const { clock, refresher, attemptsMs, events } = createRig()
    expect(refresher.current).toBeUndefined()
    expect(refresher.status()).toMatchObject({ state: 'waiting-for-first', since: START, attempt: 0 })
    await clock.advance(0)
    expect(refresher.current?.serial).toBe(1)
    expect(refresher.status()).toEqual({
      state: 'fresh',
      since: START,
      nextAttemptAt: at(30 * MINUTE),
      attempt: 0,
      lastError: undefined,
      validity: { notBefore: START, notAfter: at(HOUR) },
    })
    await clock.advance(2 * HOUR)
    expect(attemptsMs).toEqual([0, 30, 60, 90, 120].map((minutes) => minutes * MINUTE))
    expect(events.slice(0, 4)).toEqual([
      { type: 'renewed', attempt: 1, validity: { notBefore: START, notAfter: at(HOUR) } },
      { type: 'scheduled', nextAttemptAt: at(30 * MINUTE) },
      { type: 'renewed', attempt: 1, validity: { notBefore: at(30 * MINUTE), notAfter: at(90 * MINUTE) } },
      { type: 'scheduled', nextAttemptAt: at(HOUR) },
    ])
  })

  test('never sleeps longer than a minute at a time, so no setTimeout overflows', async () => {
    const { clock, attemptsMs } = createRig({ lifeMs: 3_650 * 24 * HOUR, schedule: () => 30 * 24 * HOUR })
    await clock.advance(31 * 24 * HOUR)
    expect(attemptsMs).toEqual([0, 30 * 24 * HOUR])
    expect(clock.longestDelayMs).toBe(MINUTE)
  })

  test('retries a failing first renewal, backing off', async () => {
    const { clock, refresher, attemptsMs, events } = createRig({
      before: (serial) => (serial <= 3 ? Promise.reject(down) : undefined),
    })
    await clock.advance(0)
    const status = refresher.status()
    expect(status).toMatchObject({ state: 'waiting-for-first', since: START, attempt: 1, lastError: down })
    expect(events).toEqual([{ type: 'failed', error: down, attempt: 1, nextAttemptAt: status.nextAttemptAt }])
    await clock.advance(MINUTE)
    expect(attemptsMs.map((ms) => Math.round(ms / SECOND))).toEqual([0, 2, 6, 14])
    expect(refresher.status()).toMatchObject({ state: 'fresh', attempt: 0, lastError: undefined })
    expect(events.find(({ type }) => type === 'renewed')).toMatchObject({ attempt: 4 })
  })

  test('keeps the old value while it retries', async () => {
    const { clock, refresher } = createRig({ before: (serial) => (serial === 2 ? Promise.reject(down) : undefined) })
    await clock.advance(30 * MINUTE)
    expect(refresher.current?.serial).toBe(1)
    expect(refresher.status()).toMatchObject({ state: 'retrying', since: at(30 * MINUTE), attempt: 1, lastError: down })
    await clock.advance(3 * SECOND)
    expect(refresher.current?.serial).toBe(3)
    expect(refresher.status().state).toBe('fresh')
  })

  test('says that a value expired, keeps trying, and recovers', async () => {
    const { clock, refresher, types, events } = createRig({
      before: (serial) => (serial > 1 && clock.now() < at(2 * HOUR) ? Promise.reject(down) : undefined),
    })
    await clock.advance(HOUR)
    expect(refresher.status()).toMatchObject({ state: 'expired', since: at(HOUR), lastError: down })
    expect(refresher.current?.serial).toBe(1)
    expect(events.filter(({ type }) => type === 'expired')).toEqual([{ type: 'expired', expiredAt: at(HOUR) }])
    const waiting = refresher.ready()
    await clock.advance(HOUR + MINUTE)
    expect((await waiting).notBefore >= at(2 * HOUR)).toBe(true)
    expect(refresher.status().state).toBe('fresh')
    expect(types().filter((type) => type === 'expired')).toHaveLength(1)
  })

  test('says that a value expired while a renewal is in flight', async () => {
    const { clock, refresher, types } = createRig({
      lifeMs: 20 * SECOND,
      before: (serial) => (serial > 1 ? new Promise<void>(() => {}) : undefined),
    })
    await clock.advance(20 * SECOND)
    expect(refresher.status()).toMatchObject({ state: 'expired', nextAttemptAt: undefined, attempt: 0 })
    expect(types()).toEqual(['renewed', 'scheduled', 'expired'])
  })

  test.each([
    ['is expired already', { notBefore: at(-HOUR), notAfter: START }, 'REFRESH_ALREADY_EXPIRED'],
    ['ends before it begins', { notBefore: at(2), notAfter: at(1) }, 'REFRESH_VALIDITY_INVALID'],
    ['has no dates', { notBefore: new Date(Number.NaN), notAfter: at(1) }, 'REFRESH_VALIDITY_INVALID'],
  ])('refuses a value that %s', async (_name, validity, code) => {
    const { clock, refresher } = createRig({ validityOf: () => validity })
    await clock.advance(0)
    expect(refresher.current).toBeUndefined()
    expect(refresher.status()).toMatchObject({ attempt: 1, lastError: { name: 'RefreshError', code } })
  })

  test.each([[Number.NaN], [-1], [Infinity], [1e300]])('refuses a schedule that says %d', async (delayMs) => {
    const { clock, refresher } = createRig({ schedule: () => delayMs })
    await clock.advance(0)
    expect(refresher.status().lastError).toMatchObject({ code: 'REFRESH_SCHEDULE_INVALID' })
  })

  test('reports a schedule or a validityOf that throws as a failed attempt', async () => {
    const thrown = () => {
      throw down
    }
    const one = createRig({ schedule: thrown })
    const two = createRig({ validityOf: thrown })
    await one.clock.advance(0)
    await two.clock.advance(0)
    expect(one.refresher.status().lastError).toMatchObject({ code: 'REFRESH_SCHEDULE_INVALID', cause: down })
    expect(two.refresher.status().lastError).toBe(down)
  })

  test('is not broken by an observer that throws, rejects or disposes', async () => {
    const thrower = createRig({
      observer: () => {
        throw down
      },
    })
    const rejecter = createRig({ observer: (): unknown => Promise.reject(down) })
    for (const { clock, attemptsMs } of [thrower, rejecter]) {
      await clock.advance(HOUR)
      expect(attemptsMs).toEqual([0, 30 * MINUTE, HOUR])
    }
    const disposer = createRig({ observer: () => void disposer.refresher[Symbol.asyncDispose]() })
    await disposer.clock.advance(HOUR)
    expect(disposer.refresher.status().state).toBe('closed')
    expect(disposer.clock.timers).toBe(0)
  })

  test('hands out copies of its dates and frozen records', async () => {
    const { clock, refresher, events } = createRig()
    await clock.advance(0)
    const status = refresher.status()
    status.since.setTime(0)
    status.nextAttemptAt?.setTime(0)
    status.validity?.notAfter.setTime(0)
    expect(refresher.status()).toMatchObject({ state: 'fresh', since: START, nextAttemptAt: at(30 * MINUTE) })
    expect([status, status.validity, ...events].every((record) => Object.isFrozen(record))).toBe(true)
  })

  test('refuses options that make no sense', () => {
    const options = {
      renew: () => Promise.resolve(1),
      validityOf: () => ({ notBefore: START, notAfter: START }),
      schedule: () => 1,
      clock: systemClock,
      random: () => 0,
    }
    expect(() => createRefresher({ ...options, renewTimeoutMs: 0 })).toThrow(RangeError)
    expect(() => createRefresher({ ...options, renewTimeoutMs: Infinity })).toThrow(RangeError)
    expect(() => createRefresher({ ...options, retry: { factor: 0 } })).toThrow(RangeError)
  })
})

describe('the deadline of a renewal (Q37)', () => {
  test('ends an attempt that hangs and ignores its signal, and the next one follows', async () => {
    const { clock, refresher, attemptsMs } = createRig({
      before: (serial) => (serial === 1 ? new Promise<void>(() => {}) : undefined),
    })
    await clock.advance(DEFAULT_RENEW_TIMEOUT_MS)
    expect(refresher.status()).toMatchObject({
      attempt: 1,
      lastError: { code: 'REFRESH_TIMEOUT', detail: { limit: DEFAULT_RENEW_TIMEOUT_MS } },
    })
    await clock.advance(2 * SECOND)
    expect(attemptsMs).toHaveLength(2)
    expect(refresher.current?.serial).toBe(2)
  })

  test('aborts with a reason that tells it from a shutdown, and wins over what renew makes of it', async () => {
    const reasons: unknown[] = []
    const { clock, refresher } = createRig({
      renewTimeoutMs: 5 * MINUTE,
      before: (_serial, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reasons.push(signal.reason)
            reject(new Error('wrapped', { cause: signal.reason }))
          })
        }),
    })
    await clock.advance(5 * MINUTE)
    expect(refresher.status().lastError).toMatchObject({ code: 'REFRESH_TIMEOUT' })
    await clock.advance(2 * SECOND)
    await refresher[Symbol.asyncDispose]()
    expect(reasons).toMatchObject([{ code: 'REFRESH_TIMEOUT' }, { code: 'REFRESH_CLOSED' }])
    expect(clock.longestDelayMs).toBe(MINUTE)
  })

  test('is counted by timers: a wall clock that jumps ends no attempt', async () => {
    let release = (): void => {}
    const { clock, refresher } = createRig({ before: () => new Promise((resolve) => (release = resolve)) })
    await clock.advance(SECOND)
    clock.jump(24 * HOUR)
    await clock.advance(SECOND)
    release()
    await settle()
    expect(refresher.status()).toMatchObject({ state: 'fresh', attempt: 0 })
  })

  test('drops what arrives late', async () => {
    let release = (): void => {}
    const { clock, refresher } = createRig({
      before: (serial) => (serial === 1 ? new Promise((resolve) => (release = resolve)) : undefined),
    })
    await clock.advance(DEFAULT_RENEW_TIMEOUT_MS + 3 * SECOND)
    release()
    await settle()
    expect(refresher.current?.serial).toBe(2)
  })
})
