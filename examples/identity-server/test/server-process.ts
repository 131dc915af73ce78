import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { type CertifyRequest, createIdentityClient, type IdentityClient } from '@meshid/rpc'
import { followLog, type LogLines } from './log-lines.ts'
import type { World } from './world.ts'

type Environment = Readonly<Record<string, string>>

/** The tests start the program dozens of times; most of a start is compiling. */
const compileCache = join(tmpdir(), 'meshid-compile-cache')

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

function start(args: readonly string[], env: Environment) {
  const options = ['--conditions=@meshid/source', '--disable-warning=ExperimentalWarning']
  return spawn(process.execPath, [...options, main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...env, NODE_COMPILE_CACHE: compileCache },
  })
}

/** Runs the program to its end, as a shell would. */
export async function run(args: readonly string[], env: Environment = {}) {
  const child = start(args, env)
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code: child.exitCode, stdout, stderr }
}

/** `TEST_TRANSPORT=grpc-js` runs every test on the other transport. */
const transport = process.env['TEST_TRANSPORT']
const transportFlags = transport === undefined ? [] : [`--transport=${transport}`]

/** The flags that point at a world; more flags may follow. */
export function flagsFor({ issuer, trustRoots, serviceAccount }: World): readonly string[] {
  return [
    '--addr=127.0.0.1:0',
    '--admin-addr=127.0.0.1:0',
    '--controller-namespace=linkerd',
    '--identity-scheme=linkerd.io/tls',
    '--identity-trust-domain=cluster.local',
    `--issuer=${issuer.path}`,
    `--trust-roots=${trustRoots.path}`,
    `--service-account-dir=${serviceAccount.path}`,
    '--poll-interval=200ms',
    '--log-level=debug',
    '--log-format=json',
    ...transportFlags,
  ]
}

/** Where the API server of a world is, as Kubernetes says it to every pod. */
export function environmentOf({ api }: Pick<World, 'api'>): Environment {
  return { KUBERNETES_SERVICE_HOST: api.host, KUBERNETES_SERVICE_PORT: String(api.port) }
}

/** The program, a process of its own. */
export interface ProgramProcess extends AsyncDisposable {
  readonly log: LogLines
  /** Everything that was written to standard error. */
  readonly errors: readonly string[]
  /** Asks the admin server, as soon as there is one. */
  get(path: string): Promise<{ readonly status: number; readonly body: string }>
  signal(name: NodeJS.Signals): void
  /** Resolves with the exit status when the process has ended. */
  readonly ended: Promise<number | null>
}

/** Starts the program and follows its log. */
export function startProcess(args: readonly string[], env: Environment): ProgramProcess {
  const child = start(args, env)
  const log = followLog(child.stdout)
  const errors: string[] = []
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk.toString()))
  child.stderr.pipe(process.stderr)
  const ended = once(child, 'close').then(() => child.exitCode)
  return {
    log,
    errors,
    ended,
    async get(path) {
      const admin = await portOf(log, /^starting admin server on /)
      const response = await fetch(`http://127.0.0.1:${admin}${path}`)
      return { status: response.status, body: await response.text() }
    },
    signal: (name) => void child.kill(name),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** An identity server that serves. */
export interface ServerProcess extends ProgramProcess {
  readonly grpcPort: number
  certify(request: CertifyRequest): ReturnType<IdentityClient['certify']>
}

/** Starts a server in a world and waits until it serves. */
export async function startServer(
  world: World,
  args: readonly string[] = [],
  env = environmentOf(world),
): Promise<ServerProcess> {
  const program = startProcess([...flagsFor(world), ...args], env)
  const died = program.ended.then((code) => {
    throw new Error(`the server ended with ${code}:\n${program.log.texts.join('\n')}`)
  })
  died.catch(() => {})
  const grpcPort = await Promise.race([portOf(program.log, /^starting gRPC server on /), died])
  const client = createIdentityClient({
    address: `127.0.0.1:${grpcPort}`,
    credentials: 'plaintext',
    maxRequestBytes: Number.MAX_SAFE_INTEGER,
  })
  return {
    ...program,
    grpcPort,
    certify: (request) => client.certify(request),
    async [Symbol.asyncDispose]() {
      client.close()
      await program[Symbol.asyncDispose]()
    },
  }
}

async function portOf(log: LogLines, message: RegExp): Promise<number> {
  const { msg } = await log.next(message)
  return Number(/:(\d+)$/.exec(msg)?.[1])
}
