import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const source = process.env['TEST_TARGET'] === 'dist' ? [] : ['--conditions=@meshid/source']

/** Runs a program of the folder `children` in a process of its own, with a heap that nobody else uses; gives what it prints. */
export async function runChild(program: string, ...args: readonly string[]): Promise<string> {
  const file = fileURLToPath(new URL(`children/${program}`, import.meta.url))
  const flags = [...source, '--expose-gc', '--disable-warning=ExperimentalWarning']
  const child = spawn(process.execPath, [...flags, file, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  if (child.exitCode !== 0) throw new Error(`${program}: expected exit code 0, found ${child.exitCode}: ${stderr}`)
  return stdout
}
