import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

/** What a child process did. */
export interface ProcessRun {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

const fromBuild = process.env['TEST_TARGET'] === 'dist'
const main = fileURLToPath(new URL(`../../${fromBuild ? 'dist/main.js' : 'src/main.ts'}`, import.meta.url))

/** What starts the command in a process of its own, from the sources or from the build, as the tests do. */
export const mainCommand: readonly [string, ...string[]] = [
  process.execPath,
  ...(fromBuild ? [] : ['--conditions=@meshid/source']),
  main,
]

/** Runs a program to its end. */
export async function runProcess(
  [program, ...args]: readonly [string, ...string[]],
  options: { readonly cwd?: string; readonly input?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<ProcessRun> {
  const { cwd, input = '', env = process.env } = options
  const child = spawn(program, args, { cwd, env })
  child.stdin.on('error', () => {}) // It may end before it reads.
  child.stdin.end(input)
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code: child.exitCode, out, err }
}

/** Runs the command. */
export function runMain(args: readonly string[], input?: string): Promise<ProcessRun> {
  return runProcess([...mainCommand, ...args], input === undefined ? {} : { input })
}
