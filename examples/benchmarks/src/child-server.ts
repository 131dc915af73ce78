import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A server in a process of its own, which answers each line on its standard input by a line of JSON. */
export interface ChildServer {
  readonly port: number
  /** Processor time that the process has taken so far, in microseconds, all its threads together. */
  cpu(): Promise<number>
  /** Asks for whatever else the server can tell. */
  ask(line: string): Promise<unknown>
  stop(): Promise<void>
}

/** The last processor that this process may use; undefined where that cannot be told. */
function lastProcessor(): string | undefined {
  try {
    const [, list = ''] = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
    return /(\d+)$/.exec(list)?.[1]
  } catch {
    return undefined
  }
}

/** The command, bound to one processor where the system can do that, so that "one core" is one. */
function onOneCore(command: readonly string[]): readonly string[] {
  const processor = lastProcessor()
  return processor === undefined ? command : ['taskset', '-c', processor, ...command]
}

/**
 * Starts a server on one core, and waits for its port.
 *
 * @throws Error when it ends before it listens; what it said on standard error went to ours
 */
export async function startChildServer(command: readonly string[]): Promise<ChildServer> {
  const child = await spawnOnOneCore(command)
  const answers = createInterface({ input: child.stdout ?? process.stdin })[Symbol.asyncIterator]()
  const answer = async (): Promise<unknown> => {
    const { value, done } = await answers.next()
    if (done === true) throw new Error(`${command.join(' ')}: expected an answer, found the end`)
    return JSON.parse(value)
  }
  const ask = (line: string): Promise<unknown> => {
    child.stdin?.write(`${line}\n`)
    return answer()
  }
  const { port } = (await answer()) as { readonly port: number }
  return {
    port,
    ask,
    async cpu() {
      const { microseconds } = (await ask('cpu')) as { readonly microseconds: number }
      return microseconds
    },
    async stop() {
      const ended = once(child, 'close')
      child.kill()
      await ended
    },
  }
}

/** {@link startChildServer} for a program in this Node, with its flags. */
export function startNodeServer(program: URL, ...args: readonly string[]): Promise<ChildServer> {
  return startChildServer([process.execPath, ...process.execArgv, fileURLToPath(program), ...args])
}

/** Falls back to any core where there is no taskset. */
async function spawnOnOneCore(command: readonly string[]): Promise<ChildProcess> {
  for (const [program = '', ...args] of [onOneCore(command), command]) {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    const started = await Promise.race([once(child, 'spawn').then(() => true), once(child, 'error').then(() => false)])
    if (started) return child
  }
  throw new Error(`${command.join(' ')}: expected a program that can be started`)
}
