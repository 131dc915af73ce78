import { formatMs } from '../figures/latency-chart.ts'
import type { TokenSharing } from '../cluster/cluster-protocol.ts'
import { forecastLife, type LifeForecast, type LifeModel } from './life-model.ts'
import type { ModelCosts } from './model-costs.ts'
import { PODS_PER_ACCOUNT } from './scale-charts.ts'
import { forecastStorm, type StormForecast, type StormModel } from './storm-model.ts'

const HOUR_MS = 3_600_000

const count = (value: number): string => Math.round(value).toLocaleString('en')
const rate = (value: number): string => (value < 100 ? String(Number(value.toPrecision(3))) : count(value))
const percent = (share: number): string => `${Number((share * 100).toPrecision(2))} %`

/** The heads of a table of storms. */
export const stormForecastHeads: readonly string[] = [
  'workloads',
  'token of',
  'servers',
  'reviews a second each',
  'until all are certified',
  'p50',
  'p99',
  'reviews',
  'reviews a second',
  'cores busy',
]

/** The cells of one storm. */
export function stormForecastCells(model: StormModel, forecast: StormForecast): readonly string[] {
  return [
    count(model.workloads),
    model.tokens === 'pod' ? 'each pod' : `an account, ${count(model.workloads / model.accounts)} pods`,
    count(model.replicas),
    rate(model.client.perSecond),
    formatMs(forecast.durationMs),
    formatMs(forecast.p50Ms),
    formatMs(forecast.p99Ms),
    count(forecast.reviews),
    rate(forecast.reviewsPerSecond),
    percent(forecast.utilisation),
  ]
}

/** The storms of docs/scale.md, each told before it begins. */
export function stormForecasts(costs: ModelCosts, onRow: (what: string) => void): readonly (readonly string[])[] {
  const storm = (workloads: number, tokens: TokenSharing, replicas: number, qps = 100): readonly string[] => {
    onRow(`storm of ${count(workloads)} workloads`)
    const accounts = Math.ceil(workloads / PODS_PER_ACCOUNT)
    const client = { perSecond: qps, burst: 2 * qps }
    const model = { ...costs, workloads, accounts, tokens, replicas, client, windowMs: 1000 }
    return stormForecastCells(model, forecastStorm(model))
  }
  return [
    storm(1e4, 'pod', 1),
    storm(1e4, 'account', 1),
    storm(1e5, 'pod', 3),
    storm(1e5, 'pod', 3, 1000),
    storm(1e5, 'account', 3),
    storm(1e6, 'pod', 10, 1000),
    storm(1e6, 'account', 10),
    storm(1e7, 'account', 100),
    storm(1e8, 'account', 1000),
  ]
}

/** The heads of a table of lives. */
export const lifeForecastHeads: readonly string[] = [
  'workloads',
  'leaves live',
  'jitter',
  'memory',
  'servers',
  'renewals a second',
  'worst second',
  'reviews a second',
  'worst second',
  'cores busy',
  'longest wait for a core',
]

/** The cells of one life. */
export function lifeForecastCells(model: LifeModel, forecast: LifeForecast): readonly string[] {
  return [
    count(model.workloads),
    `${rate(model.leafTtlMs / HOUR_MS)} h`,
    `± ${percent(model.jitter)}`,
    model.memoryMs === 0 ? 'none' : formatMs(model.memoryMs),
    count(model.replicas),
    rate(forecast.meanPerSecond),
    rate(forecast.peakPerSecond),
    rate(forecast.meanReviewsPerSecond),
    rate(forecast.peakReviewsPerSecond),
    percent(forecast.utilisation),
    formatMs(forecast.longestQueueMs),
  ]
}

/** What differs between the lives of docs/scale.md. */
interface LifeRow extends Partial<Omit<LifeModel, 'leafTtlMs'>> {
  readonly hours: number
}

/** The lives of docs/scale.md: three lifetimes after a storm of ten minutes, and at last one and a half of fleets that are long spread. */
const lifeRows: readonly LifeRow[] = [
  { hours: 24, jitter: 0 },
  { hours: 24, jitter: 0.02 },
  { hours: 24 },
  { hours: 1 },
  { hours: 1, memoryMs: 0 },
  { hours: 1, memoryMs: 300_000 },
  { hours: 24, workloads: 1e7, replicas: 5, startWindowMs: 0.7 * 24 * HOUR_MS, durationMs: 1.6 * 24 * HOUR_MS },
  { hours: 24, workloads: 1e8, replicas: 40, startWindowMs: 0.7 * 24 * HOUR_MS, durationMs: 1.6 * 24 * HOUR_MS },
]

/** Forecasts them, each told before it begins, because the last one takes minutes. */
export function lifeForecasts(costs: ModelCosts, onRow: (what: string) => void): readonly (readonly string[])[] {
  return lifeRows.map(({ hours, ...row }) => {
    const leafTtlMs = hours * HOUR_MS
    const usual = { fraction: 0.7, jitter: 0.1, startWindowMs: 600_000, durationMs: 3 * leafTtlMs }
    const model = { ...costs, ...usual, leafTtlMs, ...row }
    onRow(`life of ${count(model.workloads)} workloads`)
    const accounts = Math.ceil(model.workloads / PODS_PER_ACCOUNT)
    return lifeForecastCells(model, forecastLife({ ...model, accounts }))
  })
}
