import { describe, expect, test } from 'vitest'
import type { IssuedCost } from '../src/growth/issued-cost.ts'
import { wheelCosts } from '../src/growth/wheel-cost.ts'
import { openFilesLimit } from '../src/server/open-files-limit.ts'
import { fleet } from './fleet-process.ts'

describe('cost as work grows', { timeout: 120_000 }, () => {
  test('certificates are counted from the first, at powers of ten', async () => {
    const { code, stdout } = await fleet('issued', '--most=300', '--json')
    const { costs } = JSON.parse(stdout) as { costs: readonly IssuedCost[] }
    expect({ code, issued: costs.map(({ issued }) => issued) }).toEqual({ code: 0, issued: [1, 10, 100, 300] })
    for (const { cpuMicroseconds, perSecond } of costs) {
      expect(cpuMicroseconds).toBeGreaterThan(0)
      expect(perSecond).toBeGreaterThan(0)
    }
  })

  test('a wheel costs something for each identity, and at least its arrays', () => {
    const told: number[] = []
    const [cost] = wheelCosts([200_000], (identities) => told.push(identities))
    expect(told).toEqual([200_000])
    for (const ns of [cost?.insertNs, cost?.rescheduleNs, cost?.fireNs, cost?.cancelNs]) expect(ns).toBeGreaterThan(0)
    expect(cost?.bytes).toBeGreaterThanOrEqual(200_000 * 12)
  })
})

test('all runs in turn what it is told to, and knows what there is', { timeout: 60_000 }, async () => {
  const { code, stderr } = await fleet('all', '--only=nothing')
  expect(code).toBe(1)
  expect(stderr).toContain('expected some of storm, rolling, steady, issuer-swap, connections, issued, wheel, soak')
})

test.runIf(process.platform === 'linux')('the limit of open files is known where it matters', () => {
  expect(openFilesLimit()).toBeGreaterThan(20)
})
