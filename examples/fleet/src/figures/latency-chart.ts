import { svgChart } from './svg-chart.ts'
import type { LatencySummary } from './latencies.ts'

/** One bar of a histogram of latencies. */
export interface LatencyBin {
  readonly fromMs: number
  readonly toMs: number
  readonly count: number
}

/** Steps within a power of ten, evenly spaced to the eye. */
const STEPS = [1, 1.5, 2, 3, 5, 7] as const

/** Counts latencies in bins that grow with them, from the first that has any to the last. */
export function binLatencies(valuesMs: readonly number[]): readonly LatencyBin[] {
  const edges = [0, ...[-1, 0, 1, 2, 3, 4, 5].flatMap((power) => STEPS.map((step) => step * 10 ** power))]
  const bins = edges.map((fromMs, index) => ({ fromMs, toMs: edges[index + 1] ?? Infinity, count: 0 }))
  for (const value of valuesMs) {
    const bin = bins[bins.findIndex(({ toMs }) => value < toMs)]
    if (bin !== undefined) bin.count++
  }
  const first = bins.findIndex(({ count }) => count > 0)
  return first === -1 ? [] : bins.slice(first, bins.findLastIndex(({ count }) => count > 0) + 1)
}

/** A duration as people read it: `0.35 ms`, `420 ms`, `1.5 s`. */
export function formatMs(ms: number): string {
  if (ms >= 1000) return `${Number((ms / 1000).toPrecision(3))} s`
  return `${Number(ms.toPrecision(ms < 1 ? 2 : 3))} ms`
}

const WIDTH = 48
const EIGHTHS = ' ▏▎▍▌▋▊▉█'

/** A bar of blocks, for a share of its greatest length. */
export function bar(share: number): string {
  const eighths = Math.round(share * WIDTH * 8)
  return '█'.repeat(eighths >> 3) + (EIGHTHS[eighths & 7] ?? '').trimEnd()
}

/** The histogram as lines of text, the summary below it. */
export function latencyText(valuesMs: readonly number[], summary: LatencySummary): string {
  const bins = binLatencies(valuesMs)
  const most = Math.max(1, ...bins.map(({ count }) => count))
  const lines = bins.map(
    ({ fromMs, count }) => `${`≥ ${formatMs(fromMs)}`.padStart(11)} ${String(count).padStart(7)} ${bar(count / most)}`,
  )
  const { p50Ms, p90Ms, p99Ms, p999Ms, maxMs } = summary
  const points = { p50: p50Ms, p90: p90Ms, p99: p99Ms, 'p99.9': p999Ms, max: maxMs }
  const figures = Object.entries(points).map(([name, value]) => `${name} ${formatMs(value)}`)
  return [...lines, figures.join(' · ')].join('\n')
}

/** The histogram as SVG, one for each run. */
export function latencySvg(title: string, valuesMs: readonly number[]): string {
  const bins = binLatencies(valuesMs)
  const points = bins.map(({ fromMs, count }) => [Math.max(fromMs, 0.05), count] as const)
  const end = bins.at(-1)?.toMs ?? 1
  const series = [{ name: 'requests', points: [...points, [end, 0] as const] }]
  const y = { label: 'requests' }
  return svgChart({ title, x: { label: 'latency', scale: 'log', format: formatMs }, y, series, shape: 'bars' })
}
