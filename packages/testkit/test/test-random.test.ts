import { createTestRandom } from '@meshid/testkit'
import { describe, expect, it } from 'vitest'

describe('createTestRandom', () => {
  it('gives the same values for the same seed in every run, and others for another seed', () => {
    expect(Buffer.from(createTestRandom(7).bytes(8)).toString('hex')).toBe('020ffab28567773d')
    expect(createTestRandom(7).fraction()).toBe(createTestRandom(7).fraction())
    expect(createTestRandom(8).bytes(8)).not.toEqual(createTestRandom(7).bytes(8))
  })

  it('gives fractions from 0 up to, not including, 1, spread evenly', () => {
    const { fraction } = createTestRandom(1)
    const values = Array.from({ length: 10_000 }, fraction)
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...values)).toBeLessThan(1)
    expect(values.reduce((sum, value) => sum + value) / values.length).toBeCloseTo(0.5, 1)
  })

  it('gives each byte value about as often as each other', () => {
    const counts = new Map<number, number>()
    for (const byte of createTestRandom(2).bytes(65_536)) counts.set(byte, (counts.get(byte) ?? 0) + 1)
    expect(counts.size).toBe(256)
    expect(Math.max(...counts.values())).toBeLessThan(350)
  })
})
