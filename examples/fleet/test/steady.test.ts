import { describe, expect, test } from 'vitest'
import type { ClosedLoopResult } from '../src/scenarios/closed-loop.ts'
import type { SteadyResult } from '../src/scenarios/steady.ts'
import { fleet } from './fleet-process.ts'

describe('a small fleet that lives', { timeout: 120_000 }, () => {
  test('renews its leaves before they end, and goes over to the new issuer without a failure', async () => {
    const size = ['--proxies=60', '--accounts=6', '--connections=6', '--deadline=60s', '--ttl=8s', '--duration=16s']
    const { code, stdout, stderr } = await fleet('issuer-swap', ...size, '--json')
    const { runs } = JSON.parse(stdout) as { runs: readonly SteadyResult[] }
    const [life] = runs
    expect({ code, stderr, expired: life?.expired, refused: life?.refused }).toMatchObject({
      code: 0,
      expired: 0,
      refused: {},
    })
    expect(life?.certified).toBeGreaterThanOrEqual(120)
    const [old, next] = life?.issuers ?? []
    expect([old?.issuer, next?.issuer]).toEqual(['identity.linkerd.cluster.local', 'identity-2.linkerd.cluster.local'])
    expect((old?.leaves ?? 0) + (next?.leaves ?? 0)).toBe(life?.certified)
    // Nothing of the old issuer comes once the new one was seen, but for what was under way.
    expect(old?.lastMs).toBeLessThan((next?.firstMs ?? 0) + 1000)
  })

  test('says what a request costs as connections become more', async () => {
    const size = ['--steps=1,20', '--proxies=20', '--accounts=4', '--requests=200', '--in-flight=10', '--deadline=60s']
    const { code, stdout } = await fleet('connections', ...size, '--json')
    const { runs } = JSON.parse(stdout) as { runs: readonly ClosedLoopResult[] }
    expect({ code, connections: runs.map(({ connections }) => connections) }).toEqual({ code: 0, connections: [1, 20] })
    for (const { latency, perSecond } of runs) {
      expect(latency.count).toBe(200)
      expect(perSecond).toBeGreaterThan(0)
    }
  })
})
