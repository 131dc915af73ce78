import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createTestRandom } from '@meshid/testkit'
import type { FleetOptions } from '../options.ts'
import { certifyUntil, newTally } from '../proxies/certify-until.ts'
import { openConnections } from '../proxies/open-connections.ts'
import type { World } from '../scenarios/open-world.ts'
import { createAsker } from '../server/create-asker.ts'
import { startServer } from '../server/start-server.ts'
import { type BusyLoad, keepBusy, type RequestMix } from './keep-busy.ts'
import type { MemoryUse } from './memory-probe.ts'
import type { OwnProgramOptions, OwnProgramQuestion } from './own-program.ts'

/** A process that is put under load, and watched. */
export interface SoakSubject extends BusyLoad, AsyncDisposable {
  memory(): Promise<MemoryUse>
  snapshot(file: string): Promise<void>
}

/** Options of both kinds of subjects. */
export type SubjectOptions = FleetOptions & RequestMix & { readonly signal: AbortSignal }

/** Starts the identity server as it is shipped; this process is its load. */
export async function startServerSubject(world: World, options: SubjectOptions): Promise<SoakSubject> {
  const { serverFlag: flags, profile, signal, connections: count, deadline: deadlineMs } = options
  const tokens = await world.tokens('account')
  const preload = new URL('./server-probe.ts', import.meta.url)
  const [cluster, mounts] = [world.cluster.address, world.mounts]
  const server = await startServer({ mounts, cluster, profile, flags, preload })
  const connections = openConnections({ address: server.address, count, deadlineMs })
  const attempts = { tally: newTally(), random: createTestRandom(options.seed).fraction, signal }
  const certify = (index: number): Promise<unknown> => {
    const [proxy, token] = [world.fleet[index], tokens[index]]
    if (proxy === undefined || token === undefined) throw new RangeError(`expected a proxy ${index}, found none`)
    const request = { identity: proxy.identity, token, certificateSigningRequest: proxy.csr }
    return certifyUntil(request, { ...attempts, client: connections.of(index) })
  }
  return {
    ...keepBusy(options, certify),
    memory: () => server.ask({ ask: 'memory' }) as Promise<MemoryUse>,
    snapshot: async (file) => void (await server.ask({ ask: 'snapshot', file })),
    async [Symbol.asyncDispose]() {
      connections[Symbol.dispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

/** Starts a process with the certifier and its callers in it, and nothing between them. */
export async function startOwnSubject(options: SubjectOptions): Promise<SoakSubject> {
  const program = fileURLToPath(new URL('./own-program.ts', import.meta.url))
  const { proxies, accounts, profile, fresh, inFlight, seed } = options
  const own: OwnProgramOptions = { proxies, accounts, profile, fresh, inFlight, seed }
  const child = fork(program, [JSON.stringify(own)], {
    execArgv: ['--conditions=@meshid/source', '--disable-warning=ExperimentalWarning'],
  })
  const ended = once(child, 'exit')
  const failed = ended.then((): never => {
    throw new Error(`the certifier's process ended with ${child.exitCode}`)
  })
  failed.catch(() => undefined)
  await Promise.race([once(child, 'message'), failed])
  const asker = createAsker(child, failed)
  const ask = (question: OwnProgramQuestion): Promise<MemoryUse> => asker(question) as Promise<MemoryUse>
  return {
    each: async () => void (await ask({ ask: 'each' })),
    more: async (requests) => void (await ask({ ask: 'more', requests })),
    memory: () => ask({ ask: 'memory' }),
    snapshot: async (file) => void (await ask({ ask: 'snapshot', file })),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
