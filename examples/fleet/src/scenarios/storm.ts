import { createTrustAnchors } from '@meshid/certificate'
import type { CertifyResponse } from '@meshid/rpc'
import { createTestRandom } from '@meshid/testkit'
import { Latencies, type LatencySummary } from '../figures/latencies.ts'
import type { Progress } from '../figures/progress.ts'
import { type AttemptTally, certifyUntil, newTally } from '../proxies/certify-until.ts'
import { checkAnswer } from '../proxies/check-answer.ts'
import { type Connections, openConnections } from '../proxies/open-connections.ts'
import type { ProcessUsage } from '../server/process-usage.ts'
import { startServer } from '../server/start-server.ts'
import { arrive, spreadArrivals } from './arrive.ts'
import type { World } from './open-world.ts'
import { type StormVariantName, stormVariants } from './storm-variants.ts'

/** Options of {@link runStorm}. */
export interface StormOptions {
  readonly variant: StormVariantName
  readonly connections: number
  /** All proxies come within this time. */
  readonly windowMs: number
  readonly deadlineMs: number
  readonly seed: number
  /** More flags of the server. */
  readonly flags: readonly string[]
  readonly signal: AbortSignal
}

/** What a storm was. */
export interface StormResult {
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
  readonly reviews: number
  readonly retries: number
  /** Attempts without a certificate, by gRPC status. */
  readonly refused: Readonly<Record<string, number>>
  /** Of the server's process; absent where the system does not say. */
  readonly usage?: ProcessUsage | undefined
  /** What Linkerd's client needs for as many reviews: a burst of 200, then 100 a second. */
  readonly linkerdMs: number
}

/** The time that Linkerd's identity service needs for its token reviews alone, 100 a second after a burst of 200. */
export const linkerdStormMs = (proxies: number): number => Math.max(0, (proxies - 200) / 100) * 1000

/** Lets the whole fleet ask one server at once, with new connections, and sees to it that everybody is certified. */
export async function runStorm(world: World, options: StormOptions, progress: Progress): Promise<StormResult> {
  const { variant, signal } = options
  const { tokens: sharing, flags, what } = stormVariants[variant]
  const tokens = await world.tokens(sharing)
  const { profile } = world.options
  const [cluster, mounts] = [world.cluster.address, world.mounts]
  await using server = await startServer({ mounts, cluster, profile, flags: [...flags, ...options.flags] })
  using connections = openConnections({
    address: server.address,
    count: options.connections,
    deadlineMs: options.deadlineMs,
  })
  progress.say(`storm: ${variant}, ${what}; ${options.connections} connections`)
  const reviewsBefore = await world.cluster.reviews()
  const cpuBefore = server.usage()?.cpuMs ?? 0
  const storm = new Storm(world, tokens, connections)
  const ticker = setInterval(
    () => progress.show(`${storm.answers.size} of ${tokens.length} certified, ${storm.retries} retries`),
    250,
  )
  try {
    await storm.run(options)
  } finally {
    clearInterval(ticker)
  }
  signal.throwIfAborted()
  const usage = server.usage()
  const result = {
    variant,
    ...storm.figures(),
    accounts: world.options.accounts,
    reviews: (await world.cluster.reviews()) - reviewsBefore,
    certified: storm.check(),
    ...(usage === undefined ? {} : { usage: { ...usage, cpuMs: usage.cpuMs - cpuBefore } }),
  }
  progress.say(
    `storm: ${result.certified} certified in ${(result.totalMs / 1000).toFixed(2)} s, ${result.reviews} reviews`,
  )
  return result
}

export class Storm {
  readonly #world: World
  readonly #tokens: readonly Uint8Array[]
  readonly #connections: Connections
  readonly #tally: AttemptTally = newTally()
  readonly #latencies = new Latencies()
  readonly answers = new Map<number, CertifyResponse>()
  #totalMs = 0

  get retries(): number {
    return this.#tally.retries
  }

  constructor(world: World, tokens: readonly Uint8Array[], connections: Connections) {
    this.#world = world
    this.#tokens = tokens
    this.#connections = connections
  }

  async run({ windowMs, seed, signal }: StormOptions): Promise<void> {
    const random = createTestRandom(seed).fraction
    const timesMs = spreadArrivals(this.#tokens.length, windowMs, random)
    const running: Promise<void>[] = []
    const begin = performance.now()
    const onArrival = (index: number, dueMs: number): void =>
      void running.push(this.#certify(index, { dueMs, random, signal }))
    await arrive({ timesMs, onArrival, signal })
    await Promise.all(running)
    this.#totalMs = performance.now() - begin - (timesMs[0] ?? 0)
  }

  async #certify(
    index: number,
    { dueMs, random, signal }: { dueMs: number; random: () => number; signal: AbortSignal },
  ): Promise<void> {
    const proxy = this.#world.fleet[index]
    const token = this.#tokens[index]
    if (proxy === undefined || token === undefined) throw new RangeError(`expected a proxy ${index}, found none`)
    const request = { identity: proxy.identity, token, certificateSigningRequest: proxy.csr }
    const client = this.#connections.of(index)
    const answer = await certifyUntil(request, { client, tally: this.#tally, random, signal })
    this.#latencies.add(performance.now() - dueMs)
    this.answers.set(index, answer)
  }

  /** Checks every answer, when the storm is over: what that costs is the proxies' business, not the server's. */
  check(): number {
    const { fleet, options, mounts } = this.#world
    const trustAnchors = createTrustAnchors([mounts.ca.root])
    const now = new Date()
    for (const [index, answer] of this.answers) {
      const proxy = fleet[index]
      if (proxy !== undefined) checkAnswer(proxy, answer, { profile: options.profile, trustAnchors, now })
    }
    return this.answers.size
  }

  figures(): Pick<
    StormResult,
    'proxies' | 'connections' | 'totalMs' | 'latency' | 'latenciesMs' | 'retries' | 'refused' | 'linkerdMs'
  > {
    const proxies = this.#tokens.length
    return {
      proxies,
      connections: this.#connections.size,
      totalMs: this.#totalMs,
      latency: this.#latencies.summary(),
      latenciesMs: this.#latencies.values,
      retries: this.#tally.retries,
      refused: Object.fromEntries(this.#tally.refused),
      linkerdMs: linkerdStormMs(proxies),
    }
  }
}
