import { createTestRandom } from '@meshid/testkit'
import type { LatencySummary } from '../figures/latencies.ts'
import type { Progress } from '../figures/progress.ts'
import { FleetLoad } from '../proxies/fleet-load.ts'
import { openConnections } from '../proxies/open-connections.ts'
import { startServer } from '../server/start-server.ts'
import type { World } from './open-world.ts'

/** Options of {@link runClosedLoop}. */
export interface ClosedLoopOptions {
  readonly connections: number
  /** Requests that are under way at any time; at most as many as there are proxies. */
  readonly inFlight: number
  readonly requests: number
  readonly deadlineMs: number
  readonly flags: readonly string[]
  readonly signal: AbortSignal
}

/** What a server did with so many connections. */
export interface ClosedLoopResult {
  readonly connections: number
  readonly inFlight: number
  readonly requests: number
  readonly perSecond: number
  readonly latency: LatencySummary
  /** From the first connection to the last first answer, with a certificate on each connection. */
  readonly openMs: number
  /** Processor time of the server for a request, connections open already; absent where the system does not say. */
  readonly cpuPerRequestMs?: number | undefined
  readonly rssBytes?: number | undefined
  readonly rssPerConnectionBytes?: number | undefined
}

/** How many connections are opened at once: few enough for the backlog of a listening socket. */
const OPENING_AT_ONCE = 200

/** As many requests as the server can answer, always so many under way, over a number of connections. */
export async function runClosedLoop(
  world: World,
  options: ClosedLoopOptions,
  progress: Progress,
): Promise<ClosedLoopResult> {
  const { connections: count, inFlight, requests, deadlineMs, signal } = options
  const { profile } = world.options
  const [cluster, mounts] = [world.cluster.address, world.mounts]
  await using server = await startServer({ mounts, cluster, profile, flags: options.flags })
  using connections = openConnections({ address: server.address, count, deadlineMs })
  const tokens = await world.tokens('account')
  const random = createTestRandom(1).fraction
  const newLoad = (): FleetLoad => new FleetLoad(world, { tokens, connections, random, signal })
  const proxies = world.fleet.length
  progress.say(`${count} connections, ${inFlight} requests at once`)
  const rssBefore = server.usage()?.rssBytes
  const openMs = await repeat({ load: newLoad(), proxies, times: count, atOnce: Math.min(count, OPENING_AT_ONCE) })
  const open = server.usage()
  // Once over the whole fleet, so that what follows is the steady state: warm code, remembered CSRs and tokens.
  await repeat({ load: newLoad(), proxies, times: proxies, atOnce: inFlight })
  const before = server.usage()
  const load = newLoad()
  const totalMs = await repeat({ load, proxies, times: requests, atOnce: inFlight })
  const after = server.usage()
  return {
    connections: count,
    inFlight,
    requests,
    openMs,
    perSecond: (requests * 1000) / totalMs,
    latency: load.latencies.summary(),
    ...(after === undefined || before === undefined || open === undefined || rssBefore === undefined
      ? {}
      : {
          cpuPerRequestMs: (after.cpuMs - before.cpuMs) / requests,
          rssBytes: after.rssBytes,
          rssPerConnectionBytes: Math.max(0, open.rssBytes - rssBefore) / count,
        }),
  }
}

interface Repetition {
  readonly load: FleetLoad
  readonly proxies: number
  readonly times: number
  readonly atOnce: number
}

/** Lets the proxies ask in turn, and says how long all of it took. */
async function repeat({ load, proxies, times, atOnce }: Repetition): Promise<number> {
  const begin = performance.now()
  let next = 0
  const caller = async (): Promise<void> => {
    while (next < times) await load.certify(next++ % proxies, performance.now())
  }
  await Promise.all(Array.from({ length: atOnce }, caller))
  return performance.now() - begin
}
