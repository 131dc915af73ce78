import { describe, expect, test } from 'vitest'
import { binLatencies, formatMs, latencySvg, latencyText } from '../src/figures/latency-chart.ts'
import { Latencies } from '../src/figures/latencies.ts'
import { provenance, replaceSection } from '../src/figures/scale-page.ts'
import { axisTicks, svgChart } from '../src/figures/svg-chart.ts'
import { markdownTable } from '../src/figures/text-table.ts'
import { arrive, spreadArrivals, steadyArrivals } from '../src/scenarios/arrive.ts'
import { processUsage } from '../src/server/process-usage.ts'

const latencies = (values: readonly number[]) => {
  const all = new Latencies()
  for (const value of values) all.add(value)
  return all
}

describe('latencies', () => {
  test('percentiles are values that were there, by the nearest rank', () => {
    const values = Array.from({ length: 100 }, (_, index) => index + 1).toReversed()
    expect(latencies(values).summary()).toEqual({
      count: 100,
      meanMs: 50.5,
      p50Ms: 50,
      p90Ms: 90,
      p99Ms: 99,
      p999Ms: 100,
      maxMs: 100,
    })
    expect(latencies([]).summary()).toMatchObject({ count: 0, meanMs: 0, maxMs: 0 })
  })

  test('bins hold every value, from the first to the last that has any', () => {
    const values = [0.02, 0.9, 1.2, 7, 71, 4200, 600_000]
    const bins = binLatencies(values)
    expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(values.length)
    expect(bins[0]?.fromMs).toBe(0)
    expect(binLatencies([1.2])).toEqual([{ fromMs: 1, toMs: 1.5, count: 1 }])
    expect(binLatencies([])).toEqual([])
  })

  test('the text has a bar for each bin, the longest for the most', () => {
    const values = [10, 10, 10, 10, 20]
    expect(latencyText(values, latencies(values).summary()).split('\n')).toEqual([
      `    ≥ 10 ms       4 ${'█'.repeat(48)}`,
      '    ≥ 15 ms       0 ',
      `    ≥ 20 ms       1 ${'█'.repeat(12)}`,
      'p50 10 ms · p90 20 ms · p99 20 ms · p99.9 20 ms · max 20 ms',
    ])
  })

  test.each([
    [0.1234, '0.12 ms'],
    [12.34, '12.3 ms'],
    [999.9, '1000 ms'],
    [98_000, '98 s'],
  ])('%f ms is %s', (ms, text) => expect(formatMs(ms)).toBe(text))
})

describe('charts', () => {
  test.each([
    [[0, 9] as const, [0, 2, 4, 6, 8, 10]],
    [[0, 0] as const, [0, 0.2]],
    [[-3, 4] as const, [-4, -2, 0, 2, 4]],
  ])('ticks of %j are round and enclose it', ([low, high], ticks) => {
    expect(axisTicks(low, high, 'linear')).toEqual(ticks)
  })

  test('ticks of a logarithmic axis are powers of ten', () => {
    expect(axisTicks(0.5, 2000, 'log')).toEqual([0.1, 1, 10, 100, 1000, 10_000])
    expect(axisTicks(10, 10, 'log')).toEqual([10, 100])
  })

  test('a chart is a document whose text is escaped, and every point is inside of it', () => {
    const points = [
      [1, 5],
      [10, 0.5],
      [100, 50],
    ] as const
    const svg = svgChart({
      title: 'a < b & "c"',
      x: { label: 'x', scale: 'log' },
      y: { label: 'y' },
      series: [
        { name: 'one', points },
        { name: 'two', points },
      ],
    })
    expect(svg).toContain('<title>a &lt; b &amp; &quot;c&quot;</title>')
    expect(svg).toContain('>one</text>')
    expect(svg).not.toMatch(/NaN|Infinity|undefined/)
    const places = [...svg.matchAll(/[ML](-?[\d.]+) (-?[\d.]+)/g)]
    expect(places.length).toBeGreaterThan(6)
    for (const [, x, y] of places) {
      expect(Number(x)).toBeGreaterThanOrEqual(0)
      expect(Number(x)).toBeLessThanOrEqual(720)
      expect(Number(y)).toBeGreaterThanOrEqual(0)
      expect(Number(y)).toBeLessThanOrEqual(360)
    }
  })

  test('what has no place on a logarithmic axis is refused', () => {
    const series = [{ name: 'one', points: [[0, 1] as const] }]
    const chart = { title: 'x', x: { label: 'x', scale: 'log' as const }, y: { label: 'y' }, series }
    expect(() => svgChart(chart)).toThrow('expected values above 0')
  })

  test('a histogram has a bar for each bin', () => {
    expect([...latencySvg('t', [1, 2, 4]).matchAll(/fill="#0072b2"\/>/g)]).toHaveLength(4)
    expect(latencySvg('none', [])).not.toContain('NaN')
  })
})

describe('the page', () => {
  const page = 'before\n<!-- fleet storm: begin -->\nold\n<!-- fleet storm: end -->\nafter\n'

  test('only what is between the marks is replaced', () => {
    const once = replaceSection(page, 'storm', 'new')
    expect(once).toBe('before\n<!-- fleet storm: begin -->\n\nnew\n\n<!-- fleet storm: end -->\nafter\n')
    expect(replaceSection(once, 'storm', 'new')).toBe(once)
    expect(() => replaceSection(page, 'steady', 'new')).toThrow('expected <!-- fleet steady: begin -->')
  })

  test('a table is as wide as its cells', () => {
    expect(markdownTable(['a', 'long head'], [['1|2', 'x']])).toBe(
      ['| a    | long head |', '| ---- | --------- |', '| 1\\|2 | x         |'].join('\n'),
    )
  })

  test('says the command without --write, and the versions', () => {
    const machine = { load: 0.44, floorMicroseconds: 87.6 }
    const sentence = provenance(['storm', '--write', '--proxies=5'], {
      now: new Date('2026-11-22T00:00:00Z'),
      machine,
    })
    expect(sentence).toMatch(
      /^`main\.ts storm --proxies=5` on 2026-11-22: .*, \d+ cores, load 0\.4 and F = 88 µs before; Node \d+/,
    )
    expect(sentence).toContain(`OpenSSL ${process.versions.openssl}`)
  })
})

describe('arrivals', () => {
  test('are in order within the window, the same for the same source', () => {
    let state = 0
    const random = () => (state = (state + 0.37) % 1)
    const times = spreadArrivals(1000)(50, random)
    expect(times).toEqual(times.toSorted((one, other) => one - other))
    expect(Math.max(...times)).toBeLessThan(1000)
    expect(steadyArrivals(4)(3)).toEqual([0, 250, 500])
  })

  test('nobody comes before their time, and all come', async () => {
    const early: number[] = []
    const seen: number[] = []
    const onArrival = (index: number, dueMs: number) => {
      seen.push(index)
      if (performance.now() < dueMs) early.push(index)
    }
    await arrive({ timesMs: [0, 0, 5, 20], onArrival, signal: new AbortController().signal })
    expect({ seen, early }).toEqual({ seen: [0, 1, 2, 3], early: [] })
  })

  test('stop when they are told to', async () => {
    const stop = new AbortController()
    const arriving = arrive({ timesMs: [0, 3_600_000], onArrival: () => stop.abort(), signal: stop.signal })
    await expect(arriving).rejects.toThrow('aborted')
  })
})

test.runIf(process.platform === 'linux')('the usage of a process grows, and is unknown once it is gone', () => {
  const usage = processUsage(process.pid)
  expect(usage?.cpuMs).toBeGreaterThan(0)
  expect(usage?.peakRssBytes).toBeGreaterThanOrEqual(usage?.rssBytes ?? Infinity)
  expect(processUsage(2 ** 30)).toBeUndefined()
})
