import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { ClusterAddress } from '../cluster/cluster-protocol.ts'
import { type Asker, createAsker } from './create-asker.ts'
import { type ProcessUsage, processUsage } from './process-usage.ts'
import type { ServerMounts } from './server-mounts.ts'

/** The names that the server puts into certificates. */
export type FleetProfile = 'spiffe' | 'linkerd'

/** The trust domain of the fleet, and the namespace of its control plane. */
export const TRUST_DOMAIN = 'cluster.local'
export const CONTROL_NAMESPACE = 'linkerd'

/** Options of {@link startServer}. */
export interface ServerOptions {
  readonly mounts: ServerMounts
  readonly cluster: ClusterAddress
  readonly profile: FleetProfile
  /** More flags of the server; everything that is not said is its default. */
  readonly flags?: readonly string[]
  /** A module that its process loads before the server, and that talks with this one. */
  readonly preload?: URL
}

/** One identity server, a process of its own. */
export interface FleetServer extends AsyncDisposable {
  /** Where it serves Certify, in plain text. */
  readonly address: string
  usage(): ProcessUsage | undefined
  /** Asks the module that was loaded before the server. */
  readonly ask: Asker
}

/** Starts the identity server of this project as a pod would, and waits until it serves. */
export async function startServer({
  mounts,
  cluster,
  profile,
  flags = [],
  preload,
}: ServerOptions): Promise<FleetServer> {
  const args = serverArguments({ mounts, profile, flags })
  const node = ['--conditions=@meshid/source', '--disable-warning=ExperimentalWarning']
  const before = preload === undefined ? [] : ['--import', preload.href]
  const child = spawn(process.execPath, [...node, ...before, ...args], {
    stdio: ['ignore', 'pipe', 'inherit', ...(preload === undefined ? [] : (['ipc'] as const))],
    env: { KUBERNETES_SERVICE_HOST: cluster.host, KUBERNETES_SERVICE_PORT: String(cluster.port) },
  })
  const ended = once(child, 'close')
  const failed = ended.then((): never => {
    throw new Error(`the identity server ended with ${child.exitCode}`)
  })
  failed.catch(() => undefined)
  const address = await Promise.race([boundAddress(child), failed])
  return {
    address,
    ask: createAsker(child, failed),
    usage: () => processUsage(child.pid ?? 0),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** The server's main, and its flags. */
function serverArguments({ mounts, profile, flags = [] }: Omit<ServerOptions, 'cluster'>): readonly string[] {
  const main = fileURLToPath(new URL('../../../identity-server/src/main.ts', import.meta.url))
  return [
    main,
    '--addr=127.0.0.1:0',
    '--admin-addr=127.0.0.1:0',
    `--profile=${profile}`,
    `--controller-namespace=${CONTROL_NAMESPACE}`,
    '--identity-scheme=linkerd.io/tls',
    `--identity-trust-domain=${TRUST_DOMAIN}`,
    `--issuer=${mounts.issuer.path}`,
    `--trust-roots=${mounts.trustRoots}`,
    `--service-account-dir=${mounts.serviceAccount}`,
    '--log-format=json',
    ...flags,
  ]
}

/** Reads the log up to the line that says where it serves; the rest is read, or it would stop the server, and thrown away. */
async function boundAddress({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error('expected a pipe for the log of the identity server, found none')
  const lines = createInterface(stdout)
  try {
    for await (const line of lines) {
      const [, address] = /"msg":"starting gRPC server on ([^"]+)"/.exec(line) ?? []
      if (address !== undefined) return address
      if (line.includes('"level":"fatal"')) throw new Error(`the identity server cannot start: ${line}`)
    }
  } finally {
    lines.close()
    stdout.resume()
  }
  throw new Error('the identity server ended before it served')
}
