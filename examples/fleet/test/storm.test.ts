import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { linkerdStormMs, type StormResult } from '../src/scenarios/storm.ts'
import { fleet } from './fleet-process.ts'

const runs = (stdout: string) => (JSON.parse(stdout) as { runs: readonly StormResult[] }).runs

describe('a small storm, with real processes and sockets', { timeout: 120_000 }, () => {
  test('certifies everybody, with as many reviews as there are tokens, remembered or only shared', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'meshid-fleet-test-'))
    const svg = join(folder, 'storm.svg')
    const size = [
      '--proxies=300',
      '--accounts=20',
      '--connections=30',
      '--deadline=60s',
      '--variants=default,no-memory',
    ]
    const { code, stdout, stderr } = await fleet('storm', ...size, '--json', '--svg', svg)
    expect({ code, stderr }).toMatchObject({ code: 0 })
    const storms = runs(stdout)
    expect(storms.map(({ variant }) => variant)).toEqual(['default', 'no-memory'])
    for (const { certified, latency, refused } of storms) {
      expect({ certified, count: latency.count, refused }).toEqual({ certified: 300, count: 300, refused: {} })
      expect(latency.p50Ms).toBeLessThanOrEqual(latency.p99Ms)
    }
    expect(storms[0]?.reviews).toBe(20)
    expect(storms[1]?.reviews).toBeLessThan(300)
    expect(await readFile(svg, 'utf8')).toMatch(/^<svg .*storm of 300 proxies.*<\/svg>\n$/s)
    await rm(folder, { recursive: true })
  })

  test('a deployment asks once for each pod, since each has a token of its own', async () => {
    const size = ['--proxies=40', '--accounts=4', '--connections=10', '--rate=40', '--deadline=60s']
    const { code, stdout } = await fleet('rolling', ...size, '--profile=spiffe', '--json')
    const [deployment] = runs(stdout)
    expect({ code, reviews: deployment?.reviews, certified: deployment?.certified }).toEqual({
      code: 0,
      reviews: 40,
      certified: 40,
    })
    expect(deployment?.totalMs).toBeGreaterThan(900)
  })

  test('refuses what it does not understand, and shows examples in its help', async () => {
    expect(await fleet('storm', '--variants=none')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('expected some of default, no-memory, no-precheck, pod-tokens') as unknown,
    })
    expect(await fleet('storm', '--help')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('storm --connections 10000') as unknown,
    })
  })
})

test("the arithmetic of Linkerd's client: 98 s for 10,000", () => {
  expect(linkerdStormMs(10_000)).toBe(98_000)
  expect(linkerdStormMs(200)).toBe(0)
})
