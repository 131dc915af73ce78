import { RefreshWheel } from '@meshid/refresh'
import { createTestRandom } from '@meshid/testkit'
import type { ModelCosts } from './model-costs.ts'
import { shareOf } from './storm-model.ts'

/** What a life is told beside the costs. */
export interface LifeModel extends ModelCosts {
  readonly leafTtlMs: number
  /** The part of a leaf's life after which it is renewed, and by how much at most that varies to either side. */
  readonly fraction: number
  readonly jitter: number
  /** All workloads got their first leaf within it, as after a storm or a deployment. */
  readonly startWindowMs: number
  /** How long the fleet is watched. */
  readonly durationMs: number
}

/** What a life would be. */
export interface LifeForecast {
  readonly renewals: number
  /** Over the time after the first renewals. */
  readonly meanPerSecond: number
  readonly peakPerSecond: number
  readonly meanReviewsPerSecond: number
  readonly peakReviewsPerSecond: number
  /** The share of all cores' time that was used, on average and in the worst second; above 1 a queue grows. */
  readonly utilisation: number
  readonly peakUtilisation: number
  /** The longest that a renewal waited for a core. */
  readonly longestQueueMs: number
  /** Renewals in each second from the first leaf on. */
  readonly perSecond: Float64Array
}

const TICK_MS = 1000

/** How many renewals are taken off the wheel at once. */
const BATCH = 4096

/** A fleet that lives, renewal by renewal: a wheel for the workloads of each server, one server after the other. */
export function forecastLife(model: LifeModel): LifeForecast {
  const seconds = Math.ceil(model.durationMs / TICK_MS)
  const perSecond = new Float64Array(seconds)
  const reviews = new Float64Array(seconds)
  for (let replica = 0; replica < model.replicas; replica++) liveOn(replica, model, { perSecond, reviews })
  const { replicas, certifyMs, fraction, jitter, leafTtlMs, startWindowMs } = model
  // From when everybody was renewed once: what comes before depends on how the fleet began.
  const settled = Math.min(seconds - 1, Math.ceil(((fraction + jitter) * leafTtlMs + startWindowMs) / TICK_MS))
  const rate = summarize(perSecond, settled)
  const review = summarize(reviews, settled)
  const busy = (perSecondOfAll: number): number => (perSecondOfAll * certifyMs) / (1000 * replicas)
  return {
    renewals: perSecond.reduce((sum, value) => sum + value, 0),
    meanPerSecond: rate.mean,
    peakPerSecond: rate.peak,
    meanReviewsPerSecond: review.mean,
    peakReviewsPerSecond: review.peak,
    utilisation: busy(rate.mean),
    peakUtilisation: busy(rate.peak),
    longestQueueMs: longestQueue(perSecond, { capacity: (1000 * replicas) / certifyMs }),
    perSecond,
  }
}

interface Series {
  readonly perSecond: Float64Array
  readonly reviews: Float64Array
}

/** The workloads of one server, which has a memory of its own. */
function liveOn(replica: number, model: LifeModel, { perSecond, reviews }: Series): void {
  const { accounts, memoryMs, leafTtlMs, fraction, jitter } = model
  const workloads = shareOf(replica, model)
  if (workloads === 0) return
  const random = createTestRandom(model.seed + replica).fraction
  const wheel = new RefreshWheel({ capacity: workloads, tickMs: TICK_MS, now: new Date(0) })
  const life = (): number => (fraction + jitter * (2 * random() - 1)) * leafTtlMs
  for (let entry = 0; entry < workloads; entry++) {
    wheel.schedule(entry, new Date(random() * model.startWindowMs + life()))
  }
  const rememberedUntil = new Float64Array(accounts).fill(-Infinity)
  for (const second of perSecond.keys()) {
    const now = new Date(second * TICK_MS)
    // What is due in a later round of the wheel may fill a batch, so an empty one is not the end.
    while (wheel.isBehind(now)) {
      const due = wheel.takeDue(now, { limit: BATCH })
      perSecond[second] = (perSecond[second] ?? 0) + due.length
      for (const entry of due) {
        const account = Math.imul(entry, 0x9e3779b1) >>> 0
        if ((rememberedUntil[account % accounts] ?? 0) <= now.getTime()) {
          rememberedUntil[account % accounts] = now.getTime() + memoryMs
          reviews[second] = (reviews[second] ?? 0) + 1
        }
        wheel.schedule(entry, new Date(now.getTime() + life()))
      }
    }
  }
}

function summarize(values: Float64Array, from: number): { readonly mean: number; readonly peak: number } {
  let sum = 0
  let peak = 0
  for (let index = from; index < values.length; index++) {
    const value = values[index] ?? 0
    sum += value
    if (value > peak) peak = value
  }
  return { mean: sum / (values.length - from), peak }
}

/** What is left over of one second is there in the next one. */
function longestQueue(perSecond: Float64Array, { capacity }: { readonly capacity: number }): number {
  let queue = 0
  let longest = 0
  for (const renewals of perSecond) {
    queue = Math.max(0, queue + renewals - capacity)
    if (queue > longest) longest = queue
  }
  return (longest / capacity) * 1000
}
