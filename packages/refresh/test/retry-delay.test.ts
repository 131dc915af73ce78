import { DEFAULT_MAX_RETRY_MS, DEFAULT_MIN_RETRY_MS, MAX_RETRY_AFTER_MS, retryDelayMs } from '@meshid/refresh'
import { describe, expect, test } from 'vitest'

const top = () => 1 - 2 ** -53
const delay = (attempt: number, remainingMs: number | undefined, random = top) =>
  Math.round(retryDelayMs({ attempt, remainingMs, random }))

describe('the wait after a failure', () => {
  test('has a ceiling that doubles up to a minute', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 100, 5_000].map((attempt) => delay(attempt, undefined))).toEqual([
      2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000, 60_000,
    ])
  })

  test('lies anywhere below the ceiling, down to the shortest wait', () => {
    expect(delay(6, undefined, () => 0)).toBe(DEFAULT_MIN_RETRY_MS)
    expect(delay(6, undefined, () => 0.5)).toBe(30_500)
  })

  test('is seconds, not hours, after the first failure of a 24 h certificate (Q35)', () => {
    expect(delay(1, 0.3 * 86_400_000)).toBe(2_000)
  })

  test('takes at most half of the time left, and never more than all of it', () => {
    expect(delay(10, 50_000)).toBe(25_000)
    expect(delay(10, 1_500)).toBe(1_000)
    expect(delay(10, 400)).toBe(400)
  })

  test('begins after what the other side asked for, up to five minutes of it', () => {
    const asked = (retryAfterMs: number | undefined, remainingMs?: number) =>
      Math.round(retryDelayMs({ attempt: 1, remainingMs, random: top, retryAfterMs }))
    expect([undefined, 0, -5, Number.NaN].map((ms) => asked(ms))).toEqual([2_000, 2_000, 2_000, 2_000])
    expect(asked(10_000)).toBe(12_000)
    expect(asked(1e9)).toBe(MAX_RETRY_AFTER_MS + 2_000)
    expect(asked(60_000, 30_000)).toBe(15_000)
  })

  test('goes on backing off once expired', () => {
    expect(delay(10, 0)).toBe(DEFAULT_MAX_RETRY_MS)
    expect(delay(10, -5_000)).toBe(DEFAULT_MAX_RETRY_MS)
  })

  test('is the longest when the random source is broken', () => {
    for (const broken of [Number.NaN, -1, 1, Infinity]) expect(delay(1, undefined, () => broken)).toBe(2_000)
    const throwing = () => {
      throw new Error('no entropy')
    }
    expect(delay(1, undefined, throwing)).toBe(2_000)
  })

  test.each([
    [{ minMs: 0 }],
    [{ minMs: 2, maxMs: 1 }],
    [{ maxMs: Infinity }],
    [{ factor: 0.5 }],
    [{ factor: Infinity }],
  ])('refuses %j', (options) => {
    expect(() => retryDelayMs({ attempt: 1, remainingMs: 1, random: top }, options)).toThrow(RangeError)
  })

  test.each([0, -1, 1.5, Number.NaN])('refuses attempt %d', (attempt) => {
    expect(() => delay(attempt, undefined)).toThrow(RangeError)
  })
})
