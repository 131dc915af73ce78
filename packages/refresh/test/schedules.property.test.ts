import { linkerdSchedule, retryDelayMs, spreadSchedule } from '@meshid/refresh'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

const instant = fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
const validity = fc
  .tuple(instant, fc.integer({ min: 1, max: 10 * 365 * 86_400_000 }))
  .map(([notBefore, lifeMs]) => ({ notBefore, notAfter: new Date(notBefore.getTime() + lifeMs) }))
const limits = fc
  .record({ minMs: fc.integer({ min: 1, max: 1e9 }), more: fc.nat(1e9) })
  .map(({ minMs, more }) => ({ minMs, maxMs: minMs + more }))

test('a schedule stays between its limits, whatever the clock says', () => {
  fc.assert(
    fc.property(validity, instant, limits, fc.string(), (valid, now, { minMs, maxMs }, seed) => {
      for (const schedule of [linkerdSchedule({ minMs, maxMs }), spreadSchedule({ minMs, maxMs, seed })]) {
        const delayMs = schedule(valid, now)
        expect(delayMs).toBeGreaterThanOrEqual(minMs)
        expect(delayMs).toBeLessThanOrEqual(maxMs)
      }
    }),
  )
})

test('a retry never waits past the time left, nor longer than its maximum', () => {
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
  const left = fc.double({ min: 1e-9, max: 1e12, noNaN: true })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), left, random, limits, (attempt, remainingMs, share, options) => {
      const delayMs = retryDelayMs({ attempt, remainingMs, random: () => share }, options)
      expect(delayMs).toBeGreaterThan(0)
      expect(delayMs).toBeLessThanOrEqual(remainingMs)
      expect(delayMs).toBeLessThanOrEqual(options.maxMs)
    }),
  )
})
