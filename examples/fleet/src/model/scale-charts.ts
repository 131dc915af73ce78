import { formatMs } from '../figures/latency-chart.ts'
import { type ChartSeries, svgChart } from '../figures/svg-chart.ts'
import { linkerdStormMs } from '../scenarios/storm.ts'
import { forecastLife } from './life-model.ts'
import type { ModelCosts } from './model-costs.ts'
import { forecastStorm } from './storm-model.ts'

const HOUR_MS = 3_600_000

/** How many pods an account has in the charts and tables. */
export const PODS_PER_ACCOUNT = 50

const count = (value: number): string => (value >= 1 ? value.toLocaleString('en') : String(value))

/** How long a storm is, by its size, with shared tokens and without. */
export function stormChart(costs: ModelCosts): string {
  const sizes = [1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 2e6]
  const line = (name: string, seconds: (workloads: number) => number): ChartSeries => ({
    name,
    points: sizes.map((size) => [size, Math.max(0.5, seconds(size))]),
  })
  const storm = (tokens: 'account' | 'pod', replicas: number) => (workloads: number) => {
    const accounts = Math.ceil(workloads / PODS_PER_ACCOUNT)
    return forecastStorm({ ...costs, workloads, accounts, tokens, replicas, windowMs: 1000 }).durationMs / 1000
  }
  const series = [
    line("Linkerd's reviews, one server", (workloads) => linkerdStormMs(workloads) / 1000),
    line('a token for each pod, 1 server', storm('pod', 1)),
    line('a token for each pod, 3 servers', storm('pod', 3)),
    line('50 pods share a token, 1 server', storm('account', 1)),
    line('50 pods share a token, 3 servers', storm('account', 3)),
  ]
  const format = (seconds: number): string => formatMs(seconds * 1000)
  return svgChart({
    title: 'How long a storm lasts, if all workloads come within a second',
    x: { label: 'workloads', scale: 'log', format: count },
    y: { label: 'until all are certified', scale: 'log', format },
    series,
  })
}

/** What jitter makes of a herd: renewals a second after a storm. */
export function herdChart(costs: ModelCosts): string {
  const durationMs = 72 * HOUR_MS
  const binSeconds = 1200
  const line = (jitter: number): ChartSeries => {
    const life = { leafTtlMs: 24 * HOUR_MS, fraction: 0.7, jitter, startWindowMs: 600_000, durationMs }
    const { perSecond } = forecastLife({ ...costs, ...life, replicas: 1 })
    const points: (readonly [number, number])[] = []
    for (let from = 0; from < perSecond.length; from += binSeconds) {
      const renewals = perSecond.subarray(from, from + binSeconds).reduce((sum, value) => sum + value, 0)
      points.push([from / 3600, Math.max(0.1, renewals / binSeconds)])
    }
    return { name: jitter === 0 ? 'no jitter, as in Linkerd' : `± ${jitter * 100} % of the life`, points }
  }
  return svgChart({
    title: `Renewals of ${count(costs.workloads)} workloads with leaves of 24 h that were all certified within 10 min`,
    x: { label: 'hours after the storm', format: count },
    y: { label: 'renewals a second', scale: 'log', format: count },
    series: [0, 0.02, 0.1].map(line),
    legend: 'right',
  })
}

/** What lifetime and memory make of reviews. */
export function reviewsChart(costs: ModelCosts): string {
  const minutes = [1, 2, 5, 10, 20, 60, 180, 600, 1440]
  const line = (memoryMs: number): ChartSeries => ({
    name: memoryMs === 0 ? 'no memory' : `answers are remembered for ${formatMs(memoryMs)}`,
    points: minutes.map((ttl) => {
      const leafTtlMs = ttl * 60_000
      // Long enough for every answer to be forgotten a few times.
      const durationMs = 1.5 * leafTtlMs + Math.max(leafTtlMs, 3 * memoryMs)
      const life = { leafTtlMs, fraction: 0.7, jitter: 0.1, startWindowMs: 0.7 * leafTtlMs, durationMs }
      return [ttl, forecastLife({ ...costs, ...life, memoryMs }).meanReviewsPerSecond]
    }),
  })
  return svgChart({
    title: `Reviews for ${count(costs.workloads)} workloads of ${count(costs.accounts)} accounts, ${costs.replicas} servers`,
    x: { label: 'lifetime of a leaf, in minutes', scale: 'log', format: count },
    y: { label: 'reviews a second', scale: 'log', format: count },
    series: [0, 10_000, 300_000].map(line),
    legend: 'right',
  })
}
