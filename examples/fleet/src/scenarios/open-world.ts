import type { ReviewCost, TokenSharing } from '../cluster/cluster-protocol.ts'
import { type Cluster, startCluster } from '../cluster/start-cluster.ts'
import type { Progress } from '../figures/progress.ts'
import { createProxies, type SimulatedProxy } from '../proxies/create-proxies.ts'
import { mountServer, type ServerMounts } from '../server/server-mounts.ts'
import type { FleetProfile } from '../server/start-server.ts'

/** What every scenario is told. */
export interface WorldOptions extends ReviewCost {
  readonly proxies: number
  readonly accounts: number
  readonly profile: FleetProfile
}

/** Everything around an identity server: a cluster, a CA, and a fleet that is ready to ask. */
export interface World extends AsyncDisposable {
  readonly options: WorldOptions
  readonly cluster: Cluster
  readonly mounts: ServerMounts
  readonly fleet: readonly SimulatedProxy[]
  /** The token of each proxy, as bytes; those that share one share the bytes too. */
  tokens(sharing: TokenSharing): Promise<readonly Uint8Array[]>
}

/** Starts the cluster and makes the fleet. */
export async function openWorld(options: WorldOptions, progress: Progress): Promise<World> {
  const { proxies, accounts, profile, reviewDelayMs, reviewsPerSecond } = options
  const cluster = await startCluster({ accounts, pods: proxies, reviewDelayMs, reviewsPerSecond })
  progress.say(`API server: ${reviewDelayMs} ms for each token review, ${reviewsPerSecond} of them a second`)
  const mounts = await mountServer(cluster.address)
  const onProgress = (made: number): void => progress.show(`${made} of ${proxies} keys and CSRs`)
  const fleet = await createProxies(proxies, { accounts, profile, onProgress })
  progress.say(`${proxies} proxies of ${accounts} accounts, with a key and a CSR each`)
  const tokens = new Map<TokenSharing, Promise<readonly Uint8Array[]>>()
  return {
    options,
    cluster,
    mounts,
    fleet,
    async tokens(sharing) {
      const made = tokens.get(sharing) ?? cluster.tokens(sharing).then(encodeTokens)
      tokens.set(sharing, made)
      return made
    },
    async [Symbol.asyncDispose]() {
      await cluster[Symbol.asyncDispose]()
      await mounts[Symbol.asyncDispose]()
    },
  }
}

function encodeTokens(texts: readonly string[]): readonly Uint8Array[] {
  const encoder = new TextEncoder()
  const known = new Map(texts.map((text) => [text, encoder.encode(text)]))
  return texts.map((text) => known.get(text) ?? encoder.encode(text))
}
