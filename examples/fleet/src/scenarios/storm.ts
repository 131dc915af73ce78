import type { CertifyResponse } from '@meshid/rpc'
import { createTestRandom } from '@meshid/testkit'
import type { LatencySummary } from '../figures/latencies.ts'
import type { Progress } from '../figures/progress.ts'
import { FleetLoad, type LoadFigures } from '../proxies/fleet-load.ts'
import { openConnections } from '../proxies/open-connections.ts'
import type { ProcessUsage } from '../server/process-usage.ts'
import { startServer } from '../server/start-server.ts'
import { arrive } from './arrive.ts'
import type { World } from './open-world.ts'
import { type StormVariantName, stormVariants } from './storm-variants.ts'

/** Options of {@link runStorm}. */
export interface StormOptions {
  readonly variant: StormVariantName
  readonly connections: number
  readonly deadlineMs: number
  /** When the proxies come, in milliseconds from the beginning, made of a random source; one for each. */
  readonly arrivals: (count: number, random: () => number) => readonly number[]
  readonly seed: number
  /** More flags of the server. */
  readonly flags: readonly string[]
  readonly signal: AbortSignal
}

/** What a storm was. */
export interface StormResult extends LoadFigures {
  readonly variant: StormVariantName
  readonly proxies: number
  readonly accounts: number
  readonly connections: number
  /** Proxies with a certificate that was checked: chain, key, name and time. */
  readonly certified: number
  /** From the first that came to the last that was certified. */
  readonly totalMs: number
  /** From the instant at which a proxy was to come to its certificate, retries included. */
  readonly latency: LatencySummary
  readonly latenciesMs: readonly number[]
  /** Token reviews that the API server did. */
  readonly reviews: number
  /** Of the server's process, its start left out; absent where the system does not say. */
  readonly usage?: ProcessUsage | undefined
  /** What Linkerd's client needs for its token reviews alone. */
  readonly linkerdMs: number
}

/** The time that Linkerd's identity service needs for its token reviews alone, 100 a second after a burst of 200. */
export const linkerdStormMs = (proxies: number): number => Math.max(0, (proxies - 200) / 100) * 1000

/** Lets the whole fleet ask one new server, with new connections, and sees to it that everybody is certified. */
export async function runStorm(world: World, options: StormOptions, progress: Progress): Promise<StormResult> {
  const { variant, connections: count, deadlineMs, signal } = options
  const { tokens: sharing, flags, what } = stormVariants[variant]
  const tokens = await world.tokens(sharing)
  const { profile, accounts } = world.options
  const [cluster, mounts] = [world.cluster.address, world.mounts]
  await using server = await startServer({ mounts, cluster, profile, flags: [...flags, ...options.flags] })
  using connections = openConnections({ address: server.address, count, deadlineMs })
  progress.say(`${variant}: ${what}; ${count} connections`)
  const reviewsBefore = await world.cluster.reviews()
  const cpuBefore = server.usage()?.cpuMs ?? 0
  const load = new FleetLoad(world, { tokens, connections, random: createTestRandom(options.seed).fraction, signal })
  const { answers, totalMs } = await blow(load, tokens.length, options, progress)
  const usage = server.usage()
  const reviews = (await world.cluster.reviews()) - reviewsBefore
  // When the storm is over: what the checks cost is the proxies' business, not the server's.
  for (const [index, answer] of answers.entries()) load.check(index, answer)
  progress.say(`${variant}: ${answers.length} certified in ${(totalMs / 1000).toFixed(2)} s, ${reviews} reviews`)
  return {
    variant,
    proxies: tokens.length,
    accounts,
    connections: count,
    certified: answers.length,
    totalMs,
    latency: load.latencies.summary(),
    latenciesMs: load.latencies.values,
    reviews,
    ...load.figures(),
    usage: usage === undefined ? undefined : { ...usage, cpuMs: usage.cpuMs - cpuBefore },
    linkerdMs: linkerdStormMs(tokens.length),
  }
}

async function blow(
  load: FleetLoad,
  proxies: number,
  { arrivals, seed, signal }: StormOptions,
  progress: Progress,
): Promise<{ readonly answers: readonly CertifyResponse[]; readonly totalMs: number }> {
  const timesMs = arrivals(proxies, createTestRandom(seed + 1).fraction)
  const running: Promise<CertifyResponse>[] = []
  const tell = (): void => progress.show(`${load.certified} of ${proxies} certified, ${load.retries} retries`)
  const ticker = setInterval(tell, 250)
  const begin = performance.now()
  try {
    const onArrival = (index: number, dueMs: number): void => void running.push(load.certify(index, dueMs))
    await arrive({ timesMs, onArrival, signal })
    const answers = await Promise.all(running)
    return { answers, totalMs: performance.now() - begin - (timesMs[0] ?? 0) }
  } finally {
    clearInterval(ticker)
  }
}
