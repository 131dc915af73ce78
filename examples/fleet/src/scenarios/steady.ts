import { createTestRandom } from '@meshid/testkit'
import type { LatencySummary } from '../figures/latencies.ts'
import type { Progress } from '../figures/progress.ts'
import { FleetLoad, type LoadFigures } from '../proxies/fleet-load.ts'
import { openConnections } from '../proxies/open-connections.ts'
import type { ProcessUsage } from '../server/process-usage.ts'
import { startServer } from '../server/start-server.ts'
import { FleetLife, type IssuerCount } from './fleet-life.ts'
import type { World } from './open-world.ts'

/** Options of {@link runSteady}. */
export interface SteadyOptions {
  readonly connections: number
  readonly deadlineMs: number
  /** Lifetime of the leaves, in whole seconds. */
  readonly ttlMs: number
  readonly durationMs: number
  /** Is done once, in the middle. */
  readonly inTheMiddle?: () => Promise<void>
  readonly seed: number
  readonly flags: readonly string[]
  readonly signal: AbortSignal
}

/** What a steady run was. */
export interface SteadyResult extends LoadFigures {
  readonly proxies: number
  readonly connections: number
  readonly ttlMs: number
  readonly durationMs: number
  readonly certified: number
  readonly perSecond: number
  /** Leaves that had expired before the next one came: 0, or the server was too slow. */
  readonly expired: number
  readonly latency: LatencySummary
  readonly latenciesMs: readonly number[]
  readonly reviews: number
  readonly issuers: readonly IssuerCount[]
  /** When {@link SteadyOptions.inTheMiddle} was done. */
  readonly middleMs?: number | undefined
  readonly usage?: ProcessUsage | undefined
}

/** The fleet lives with short leaves, each renewed at 60 to 80 % of its life, for a while. */
export async function runSteady(world: World, options: SteadyOptions, progress: Progress): Promise<SteadyResult> {
  const { connections: count, deadlineMs, ttlMs, durationMs, seed, signal } = options
  const { profile } = world.options
  const lifetime = [`--identity-issuance-lifetime=${ttlMs}ms`, '--identity-clock-skew-allowance=0s']
  const flags = [...lifetime, ...options.flags]
  await using server = await startServer({ mounts: world.mounts, cluster: world.cluster.address, profile, flags })
  using connections = openConnections({ address: server.address, count, deadlineMs })
  const tokens = await world.tokens('account')
  const reviewsBefore = await world.cluster.reviews()
  const cpuBefore = server.usage()?.cpuMs ?? 0
  progress.say(
    `${tokens.length} proxies with leaves of ${ttlMs / 1000} s, for ${durationMs / 1000} s; ${count} connections`,
  )
  const random = createTestRandom(seed).fraction
  const life = new FleetLife(world, new FleetLoad(world, { tokens, connections, random, signal }), ttlMs)
  const middleMs = await life.live({ ...options, random, progress })
  const usage = server.usage()
  const { certified } = life.load
  const reviews = (await world.cluster.reviews()) - reviewsBefore
  progress.say(`${certified} certified, ${reviews} reviews`)
  return {
    proxies: tokens.length,
    connections: count,
    ttlMs,
    durationMs,
    certified,
    reviews,
    middleMs,
    perSecond: (certified * 1000) / life.elapsedMs,
    expired: life.expired,
    latency: life.load.latencies.summary(),
    latenciesMs: life.load.latencies.values,
    issuers: life.issuers(),
    ...life.load.figures(),
    usage: usage === undefined ? undefined : { ...usage, cpuMs: usage.cpuMs - cpuBefore },
  }
}
