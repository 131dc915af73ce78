import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { followLog, type Log } from './log.ts'

/** A proxy in a process of its own. */
export interface ProxyProcess extends AsyncDisposable {
  readonly log: Log
  /** The port of a listener, as soon as the log names it. */
  port(direction: 'admin' | 'inbound' | 'outbound'): Promise<number>
  /** Asks the admin server. */
  get(path: string, headers?: Record<string, string>): Promise<{ readonly status: number; readonly body: string }>
  kill(signal: NodeJS.Signals): void
  /** Resolves with the exit status, or with the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>
}

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const options = ['--conditions=@meshid/source', '--disable-warning=ExperimentalWarning', main]

/** Proxies are started again and again; most of a start is compiling. */
const compileCache = join(tmpdir(), 'meshid-compile-cache')

/** Starts a proxy with exactly this environment and follows its log. */
export function startProxy(variables: Readonly<Record<string, string>>): ProxyProcess {
  const env = { LINKERD2_PROXY_LOG_FORMAT: 'json', NODE_COMPILE_CACHE: compileCache, ...variables }
  const child = spawn(process.execPath, options, { stdio: ['ignore', 'pipe', 'inherit'], env })
  const log = followLog(child.stdout)
  const ended = once(child, 'close').then(() => child.exitCode ?? child.signalCode)
  const port: ProxyProcess['port'] = async (direction) => {
    const { address } = await log.next({ msg: 'listening', direction })
    return Number(/:(\d+)$/.exec(String(address))?.[1])
  }
  return {
    log,
    port,
    async get(path, headers = {}) {
      const response = await fetch(`http://127.0.0.1:${await port('admin')}${path}`, { headers })
      return { status: response.status, body: await response.text() }
    },
    kill: (signal) => void child.kill(signal),
    ended,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
