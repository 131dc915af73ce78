import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/** Runs the program to its end, as a shell would. */
export async function fleet(...args: readonly string[]) {
  const options = ['--conditions=@meshid/source', '--disable-warning=ExperimentalWarning']
  const child = spawn(process.execPath, [...options, main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code: child.exitCode, stdout, stderr }
}
