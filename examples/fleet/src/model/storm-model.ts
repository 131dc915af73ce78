import { createTestRandom } from '@meshid/testkit'
import type { TokenSharing } from '../cluster/cluster-protocol.ts'
import { LogHistogram } from './log-histogram.ts'
import type { ModelCosts } from './model-costs.ts'
import { TurnQueue } from './turn-queue.ts'

/** What a storm is told beside the costs. */
export interface StormModel extends ModelCosts {
  readonly tokens: TokenSharing
  /** All workloads come within it, at random. */
  readonly windowMs: number
}

/** What a storm would be. */
export interface StormForecast {
  readonly workloads: number
  /** From the beginning until the last is certified. */
  readonly durationMs: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
  readonly reviews: number
  /** Reviews a second, on average over the storm. */
  readonly reviewsPerSecond: number
  /** The share of all cores' time that was used. */
  readonly utilisation: number
}

/**
 * A storm, workload by workload in the order in which they come, one server after the other: they are dealt out evenly.
 *
 * All queues are first come, first served, so that when each one is served follows from the one before it, and no event has to be
 * kept: one server's core, its client's token bucket, its share of the API server. Queues are endless here. A real server refuses
 * whoever finds a full one, and says when to come again; its bucket does not run dry for that.
 */
export function forecastStorm(model: StormModel): StormForecast {
  const { workloads, replicas, certifyMs } = model
  const tables = createTables(model)
  const latencies = new LogHistogram()
  let durationMs = 0
  let reviews = 0
  for (let replica = 0; replica < replicas; replica++) {
    const server = new ModelServer(model, tables)
    for (const endMs of serve(server, replica, model, latencies)) if (endMs > durationMs) durationMs = endMs
    reviews += server.reviews
  }
  return {
    workloads,
    durationMs,
    p50Ms: latencies.percentileMs(0.5),
    p99Ms: latencies.percentileMs(0.99),
    maxMs: latencies.maxMs,
    reviews,
    reviewsPerSecond: (reviews * 1000) / durationMs,
    utilisation: (workloads * certifyMs) / (replicas * durationMs),
  }
}

/** The share of one server, out of all that come. */
export function shareOf(replica: number, { workloads, replicas }: Pick<ModelCosts, 'workloads' | 'replicas'>): number {
  return Math.floor((workloads + replicas - 1 - replica) / replicas)
}

/** When each of those who come to a server is certified. */
function* serve(server: ModelServer, replica: number, model: StormModel, latencies: LogHistogram): Generator<number> {
  const random = createTestRandom(model.seed + replica).fraction
  let later = 1
  for (let left = shareOf(replica, model); left > 0; left--) {
    // The next of `left` uniform points, in order, without sorting: the rest of the window shrinks by a power of a random number.
    later *= (1 - random()) ** (1 / left)
    const arrivalMs = model.windowMs * (1 - later)
    const endMs = server.certify(arrivalMs, Math.floor(random() * model.accounts))
    latencies.add(endMs - arrivalMs)
    yield endMs
  }
}

/** What one server knows of tokens; the next one has the same arrays, emptied. */
interface TokenTables {
  /** When the review of each lands. */
  readonly landsAtMs: Float64Array
  /** Until when its answer is remembered. */
  readonly rememberedUntilMs: Float64Array
}

function createTables({ tokens, accounts }: StormModel): TokenTables {
  const size = tokens === 'account' ? accounts : 0
  return { landsAtMs: new Float64Array(size), rememberedUntilMs: new Float64Array(size) }
}

/** One identity server as queues. */
class ModelServer {
  readonly #model: StormModel
  readonly #tables: TokenTables
  readonly #client: TurnQueue
  readonly #api: TurnQueue
  #freeAtMs = 0
  reviews = 0

  constructor(model: StormModel, tables: TokenTables) {
    this.#model = model
    this.#tables = tables
    this.#client = new TurnQueue(model.client)
    this.#api = new TurnQueue({ perSecond: model.apiPerSecond / model.replicas, burst: 1 })
    tables.landsAtMs.fill(-Infinity)
    tables.rememberedUntilMs.fill(-Infinity)
  }

  /** When a request that comes now has its certificate. */
  certify(arrivalMs: number, account: number): number {
    const { landsAtMs, rememberedUntilMs } = this.#tables
    const nowMs = Math.max(arrivalMs, this.#freeAtMs) + this.#model.certifyMs
    this.#freeAtMs = nowMs
    if (this.#model.tokens === 'pod') return this.#review(nowMs)
    const underWayUntilMs = landsAtMs[account] as number
    if (underWayUntilMs > nowMs) return underWayUntilMs
    if ((rememberedUntilMs[account] as number) > nowMs) return nowMs
    const endMs = this.#review(nowMs)
    landsAtMs[account] = endMs
    // An answer counts from when it was asked for, as in the server.
    rememberedUntilMs[account] = nowMs + this.#model.memoryMs
    return endMs
  }

  #review(nowMs: number): number {
    this.reviews++
    return this.#api.turnAt(this.#client.turnAt(nowMs)) + this.#model.reviewMs
  }
}
