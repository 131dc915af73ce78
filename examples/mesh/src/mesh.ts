import { type App, startApp } from './app.ts'
import type { Authority, KeyPair } from './certificates.ts'
import { proxyEnvironment, serverArguments, serverEnvironment } from './containers.ts'
import {
  type KubernetesAddress,
  kubernetesAddress,
  mountPod,
  mountServer,
  type PodMounts,
  type ServerMounts,
} from './mounts.ts'
import { type Pod, pods } from './pods.ts'
import { choosePorts, type Ports } from './ports.ts'
import { type LogLine, type Process, startProcess } from './process.ts'
import { newRecord, note, type ProxyRecord } from './record.ts'
import type { Timeline } from './timeline.ts'

/** Options of {@link layMesh}. */
export interface MeshOptions {
  /** The temporary folder that stands for the pods' file systems. */
  readonly folder: string
  readonly authority: Authority
  readonly issuer: KeyPair
  /** Lifetime of leaves, as Go writes durations. */
  readonly ttl: string
  readonly timeline: Timeline
}

/** One pod of a proxy: its mounts and what it was seen to do. */
interface ProxyPod {
  readonly mounts: PodMounts
  readonly record: ProxyRecord
}

/** The mesh on this machine: files, and a process for each container. */
export class Mesh {
  readonly ports: Ports
  readonly serverMounts: ServerMounts
  readonly #options: MeshOptions
  readonly #kubernetes: KubernetesAddress
  readonly #app: App
  readonly #pods: ReadonlyMap<string, ProxyPod>
  readonly #processes: Set<Process>
  #serving = false

  constructor(
    options: MeshOptions,
    parts: {
      kubernetes: KubernetesAddress
      serverMounts: ServerMounts
      app: App
      ports: Ports
      pods: ReadonlyMap<string, ProxyPod>
      processes: Set<Process>
    },
  ) {
    this.#options = options
    this.ports = parts.ports
    this.serverMounts = parts.serverMounts
    this.#kubernetes = parts.kubernetes
    this.#app = parts.app
    this.#pods = parts.pods
    this.#processes = parts.processes
  }

  /** Whether the identity server has ever said that it serves. */
  get serving(): boolean {
    return this.#serving
  }

  get records(): readonly ProxyRecord[] {
    return [...this.#pods.values()].map(({ record }) => record)
  }

  record(pod: Pod): ProxyRecord {
    return this.#pod(pod).record
  }

  startServer(): Process {
    const { timeline, ttl } = this.#options
    return this.#start({
      name: 'identity',
      script: '../../identity-server/src/main.ts',
      args: serverArguments({ ports: this.ports, mounts: this.serverMounts, ttl }),
      env: serverEnvironment(this.#kubernetes),
      onLine: ({ level, msg }) => {
        if (msg.startsWith('starting gRPC server')) this.#serving = true
        const isFirst =
          msg.startsWith('issued certificate') && this.records.some(({ certificates }) => certificates.length === 0)
        if (level !== 'info' || isFirst || msg === 'Updated identity issuer') timeline.event('identity', msg)
      },
    })
  }

  startProxy(pod: Pod): Process {
    const { mounts, record } = this.#pod(pod)
    const { authority, timeline } = this.#options
    const onLine = (line: LogLine): void => {
      const said = note(record, line)
      if (said !== undefined) timeline.event(pod.name, said)
    }
    const env = proxyEnvironment(pod, {
      mounts,
      ports: this.ports,
      rootPem: authority.rootPem,
      appPort: this.#app.port,
    })
    return this.#start({ name: pod.name, script: '../../proxy-client/src/main.ts', env, onLine })
  }

  /** Ends a process that is meant to end. */
  async end(process: Process, signal: NodeJS.Signals): Promise<void> {
    this.#processes.delete(process)
    await process.stop(signal)
  }

  /** Processes that ended although nobody ended them, with their last words. */
  get died(): readonly string[] {
    return [...this.#processes]
      .filter(({ running }) => !running)
      .map(({ name, lastWords }) => `${name} ended:\n${lastWords()}`)
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#processes].map((process) => process.stop()))
    await this.#app.close()
  }

  #pod(pod: Pod): ProxyPod {
    const found = this.#pods.get(pod.name)
    if (!found) throw new Error(`expected a pod of this mesh, found ${pod.name}`)
    return found
  }

  #start(options: Parameters<typeof startProcess>[0]): Process {
    const started = startProcess(options)
    this.#processes.add(started)
    return started
  }
}

/** Starts the API server and the app, and lays out every mount; the identity server and the proxies come next. */
export async function layMesh(options: MeshOptions): Promise<Mesh> {
  const processes = new Set<Process>()
  try {
    return await lay(options, processes)
  } catch (error) {
    await Promise.all([...processes].map((process) => process.stop()))
    throw error
  }
}

async function lay(options: MeshOptions, processes: Set<Process>): Promise<Mesh> {
  const { folder, authority, issuer } = options
  const kubernetes = await startKubernetes(processes)
  const serverMounts = await mountServer(folder, { rootPem: authority.rootPem, issuer, kubernetes })
  const laid = new Map<string, ProxyPod>()
  for (const pod of pods) laid.set(pod.name, { mounts: await mountPod(folder, pod, kubernetes), record: newRecord() })
  const [app, ports] = [await startApp(), await choosePorts()]
  return new Mesh(options, { kubernetes, serverMounts, app, ports, pods: laid, processes })
}

function startKubernetes(processes: Set<Process>): Promise<KubernetesAddress> {
  return new Promise((resolve, reject) => {
    const onLine = (line: LogLine): void => {
      if (line.msg === 'ready') resolve(kubernetesAddress(line))
    }
    const started = startProcess({ name: 'kubernetes', script: './kubernetes.ts', onLine })
    processes.add(started)
    const overdue = (): void => reject(new Error(`the API server said nothing in 20 s\n${started.lastWords()}`))
    setTimeout(overdue, 20_000).unref()
  })
}
