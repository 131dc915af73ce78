import { describe, expect, test } from 'vitest'
import { soakSvg, soakText } from '../src/figures/soak-report.ts'
import { diffHeaps, parseHeapSnapshot } from '../src/soak/heap-snapshot.ts'
import { requestMix } from '../src/soak/keep-busy.ts'
import { memoryGrowth } from '../src/soak/memory-growth.ts'
import type { SoakResult } from '../src/soak/run-soak.ts'
import { fleet } from './fleet-process.ts'

const MIB = 2 ** 20

/** A hundred samples, one every thousand requests, of a memory as a function of how much of the run is over. */
const series = (bytesAt: (share: number) => number) =>
  Array.from({ length: 100 }, (_, index) => ({ requests: (index + 1) * 1000, bytes: bytesAt((index + 1) / 100) * MIB }))
/** Up and down by 10 MiB, as a heap between two collections. */
const sawtooth = (share: number) => (share * 37) % 10

describe('memory is flat', () => {
  test('when it only goes up and down, or was warming up in the first quarter', () => {
    const steady = memoryGrowth(series((share) => 200 + sawtooth(share)))
    expect(steady.isFlat).toBe(true)
    expect(Math.abs(steady.growth)).toBeLessThan(0.02)
    expect(memoryGrowth(series((share) => 100 + 100 * Math.min(1, share * 4.2))).growth).toBe(0)
  })

  test('when it shrinks', () => {
    expect(memoryGrowth(series((share) => 200 - 50 * share))).toMatchObject({ isFlat: true })
  })

  test('not when it grows with each request, however slowly at first', () => {
    const leak = memoryGrowth(series((share) => 200 + sawtooth(share) + 40 * share))
    expect(leak.isFlat).toBe(false)
    expect(leak.growth).toBeGreaterThan(0.05)
    expect(leak.bytesPerRequest / ((40 * MIB) / 100_000)).toBeCloseTo(1, 0)
    expect(memoryGrowth(series((share) => 200 + 40 * share ** 4)).isFlat).toBe(false)
  })

  test('only if there is something to judge by', () => {
    expect(() => memoryGrowth(series(() => 1).slice(0, 7))).toThrow('expected 8 samples or more, found 7')
  })
})

const snapshot = (nodes: readonly (readonly [type: number, name: number, size: number])[]) =>
  JSON.stringify({
    snapshot: {
      meta: {
        node_fields: ['type', 'name', 'id', 'self_size', 'edge_count'],
        node_types: [['hidden', 'object', 'string', 'native'], 'string', 'number', 'number', 'number'],
      },
    },
    nodes: nodes.flatMap(([type, name, size], id) => [type, name, id, size, 0]),
    strings: ['Map', 'Session', 'some text'],
  })

describe('heap snapshots', () => {
  const before = parseHeapSnapshot(
    snapshot([
      [1, 0, 32],
      [1, 0, 32],
      [2, 2, 24],
      [3, 1, 100],
    ]),
  )

  test('are counted by constructor, and what has none by its type', () => {
    expect([...before]).toEqual([
      ['Map', { count: 2, bytes: 64 }],
      ['(string)', { count: 1, bytes: 24 }],
      ['Session', { count: 1, bytes: 100 }],
    ])
    expect(() => parseHeapSnapshot(snapshot([]).replace('self_size', 'size'))).toThrow('expected nodes with type')
  })

  test('are compared by what changed most, what came and what went included', () => {
    const after = parseHeapSnapshot(
      snapshot([
        [1, 0, 32],
        [1, 1, 500],
        [2, 2, 24],
      ]),
    )
    const diff = diffHeaps(before, after, 2)
    expect(diff.changes).toEqual([
      { name: 'Session', before: { count: 1, bytes: 100 }, after: { count: 1, bytes: 500 } },
      { name: 'Map', before: { count: 2, bytes: 64 }, after: { count: 1, bytes: 32 } },
    ])
    expect([diff.before, diff.after]).toEqual([
      { count: 4, bytes: 188 },
      { count: 3, bytes: 556 },
    ])
  })
})

test('a small part of the fleet asks again and again, the rest one after the other', () => {
  const next = requestMix({ proxies: 130, fresh: 10, inFlight: 1, seed: 1 })
  const asked = Array.from({ length: 2000 }, next)
  const rest = asked.filter((proxy) => proxy >= 10)
  expect(rest.length / 2000).toBeCloseTo(0.1, 1)
  expect(rest).toEqual(rest.map((_, index) => 10 + (index % 120)))
  expect(new Set(asked.filter((proxy) => proxy < 10)).size).toBe(10)
  expect(Array.from({ length: 5 }, requestMix({ proxies: 1, fresh: 50, inFlight: 1, seed: 1 }))).toEqual([
    0, 0, 0, 0, 0,
  ])
})

test('the charts show each part of the run', () => {
  const samples = Array.from({ length: 40 }, (_, index) => ({
    requests: (index + 1) * 100,
    rssBytes: (100 + index) * MIB,
    heapUsedBytes: 40 * MIB,
  }))
  const lines = soakText(samples).split('\n')
  expect(lines).toHaveLength(20)
  expect(lines.at(-1)).toMatch(/^ {7}4,000 {2}138\.5 MiB █{48}$/)
  expect(soakSvg('memory', samples)).toMatch(/resident<[\s\S]*garbage included</)
})

describe('a short soak', { timeout: 240_000 }, () => {
  const size = ['--proxies=60', '--accounts=6', '--warm-up=200', '--in-flight=8', '--deadline=60s', '--json']

  test.each([
    ['of the server that is shipped', ['--requests=400']],
    ['of the certifier alone', ['--requests=3000', '--in-process']],
  ])('%s samples its memory, compares its heaps and says by its exit code what it found', async (_, args) => {
    const { code, stdout, stderr } = await fleet('soak', ...size, ...args)
    const result = JSON.parse(stdout) as SoakResult
    expect({ code, stderr }).toMatchObject({ code: result.rss.isFlat ? 0 : 1 })
    expect(result.samples).toHaveLength(200)
    expect(result.samples.at(-1)?.requests).toBe(result.requests)
    for (const { rssBytes, heapUsedBytes } of result.samples) expect(rssBytes).toBeGreaterThan(heapUsedBytes)
    expect(result.heap.changes).toHaveLength(10)
    // Both snapshots are of the same program, after the same beginning.
    expect(result.heap.after.count / result.heap.before.count).toBeCloseTo(1, 0)
  })
})
