import { SPREAD_MIN_REFRESH_MS, spreadSchedule } from '@meshid/refresh'
import { describe, expect, test } from 'vitest'

const DAY = 86_400_000
const notBefore = new Date('2026-11-21T10:00:00Z')
const validity = { notBefore, notAfter: new Date(notBefore.getTime() + DAY) }
const seeds = Array.from({ length: 1_000 }, (_, index) => `spiffe://cluster.local/ns/shop/sa/web-${index}`)

/** How many of the shares fall into each of 20 equal bins between 60 and 80 % of the life. */
function histogram(shares: readonly number[]): number[] {
  const bins = Array.from({ length: 20 }, () => 0)
  for (const share of shares) {
    const bin = Math.floor((share - 0.6) * 100)
    bins[bin] = (bins[bin] ?? 0) + 1
  }
  return bins
}

/** Pearson's statistic against an even spread; with 20 bins, 43.8 is the 0.1 % limit. */
function unevenness(bins: readonly number[], total: number): number {
  return bins.reduce((sum, count) => sum + (count - total / 20) ** 2 / (total / 20), 0)
}

describe('the spreading schedule', () => {
  test('spreads 1,000 identities with the same validity evenly over 60 to 80 % of the life (Q35)', () => {
    const shares = seeds.map((seed) => spreadSchedule({ seed })(validity, notBefore) / DAY)
    expect(Math.min(...shares)).toBeGreaterThanOrEqual(0.6)
    expect(Math.max(...shares)).toBeLessThan(0.8)
    const bins = histogram(shares)
    expect(bins).toHaveLength(20)
    expect(unevenness(bins, 1_000)).toBeLessThan(43.8)
  })

  test('spreads 1,000 replicas of one identity by the second in which each was issued', () => {
    const schedule = spreadSchedule({ seed: 'spiffe://cluster.local/ns/shop/sa/web' })
    const shares = seeds.map((_, index) => {
      const start = new Date(notBefore.getTime() + index * 1_000)
      return schedule({ notBefore: start, notAfter: new Date(start.getTime() + DAY) }, start) / DAY
    })
    expect(unevenness(histogram(shares), 1_000)).toBeLessThan(43.8)
  })

  test('names the same instant for the same seed and validity, whenever it is asked', () => {
    const renewAt = (hours: number) => {
      const now = new Date(notBefore.getTime() + hours * 3_600_000)
      return now.getTime() + spreadSchedule({ seed: 'a' })(validity, now)
    }
    expect(renewAt(5)).toBe(renewAt(0))
    expect(new Date(renewAt(0)).toISOString()).toBe('2026-11-22T02:35:38.202Z')
  })

  test('has no jitter when told so', () => {
    const delayMs = spreadSchedule({ seed: 'a', fraction: 0.5, jitter: 0 })(validity, notBefore)
    expect(delayMs).toBe(DAY / 2)
  })

  test('waits the minimum when the instant has passed, also once expired', () => {
    const late = new Date(notBefore.getTime() + 0.81 * DAY)
    expect(spreadSchedule({ seed: 'a' })(validity, late)).toBe(SPREAD_MIN_REFRESH_MS)
    expect(spreadSchedule({ seed: 'a', minMs: 7 })(validity, new Date(notBefore.getTime() + 9 * DAY))).toBe(7)
  })

  test('waits no longer than the maximum', () => {
    const years = { notBefore, notAfter: new Date(notBefore.getTime() + 3_650 * DAY) }
    expect(spreadSchedule({ seed: 'a' })(years, notBefore)).toBe(DAY)
  })

  test.each([[{ fraction: 1.2 }], [{ jitter: -0.1 }], [{ jitter: 0.3 }], [{ fraction: 0.1 }], [{ minMs: -1 }]])(
    'refuses %j',
    (options) => {
      expect(() => spreadSchedule({ seed: 'a', ...options })).toThrow(RangeError)
    },
  )
})
