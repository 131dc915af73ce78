import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type {
  ClusterAddress,
  ClusterOptions,
  ClusterQuestion,
  ClusterQuestions,
  ClusterResponse,
  TokenSharing,
} from './cluster-protocol.ts'

/** A cluster of which there is only the API server, in a process of its own. */
export interface Cluster extends AsyncDisposable {
  readonly address: ClusterAddress
  /** A token for each pod, in their order. */
  tokens(sharing: TokenSharing): Promise<readonly string[]>
  /** Token reviews that it was asked for since it began. */
  reviews(): Promise<number>
}

/** Starts the API server and waits until it can be asked. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const program = fileURLToPath(new URL('./cluster-program.ts', import.meta.url))
  const child = fork(program, [JSON.stringify(options)], {
    execArgv: ['--conditions=@meshid/source', '--disable-warning=ExperimentalWarning'],
  })
  const ask = createAsker(child)
  return {
    address: await ask('address', undefined),
    tokens: (sharing) => ask('tokens', sharing),
    reviews: () => ask('reviews', undefined),
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
  }
}

type Ask = <Q extends ClusterQuestion>(
  question: Q,
  asked: ClusterQuestions[Q]['asked'],
) => Promise<ClusterQuestions[Q]['answer']>

interface Waiting {
  readonly resolve: (answer: never) => void
  readonly reject: (reason: Error) => void
}

/** Questions to a child by number; they all fail when it ends. */
function createAsker(child: ChildProcess): Ask {
  const waiting = new Map<number, Waiting>()
  let last = 0
  child.on('message', ({ id, answer }: ClusterResponse) => {
    waiting.get(id)?.resolve(answer as never)
    waiting.delete(id)
  })
  child.once('exit', (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`the API server ended with ${code}`))
  })
  return (question, asked) =>
    new Promise((resolve, reject) => {
      const id = ++last
      waiting.set(id, { resolve, reject })
      child.send({ id, question, asked })
    })
}
