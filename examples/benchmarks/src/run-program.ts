import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { ProgramResult } from './result.ts'

/**
 * Runs one program of `programs/` in a Node of its own, so that no program compiles, collects or remembers for another.
 *
 * @throws Error when it fails; what it said on standard error went to ours
 */
export async function runProgram(name: string): Promise<ProgramResult> {
  const path = fileURLToPath(new URL(`../programs/${name}.ts`, import.meta.url))
  const options = ['--expose-gc', '--conditions=@meshid/source', '--disable-warning=ExperimentalWarning']
  const child = spawn(process.execPath, [...options, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [output] = await Promise.all([text(child.stdout), once(child, 'close')])
  if (child.exitCode !== 0) throw new Error(`${name}: expected exit status 0, found ${child.exitCode}`)
  return JSON.parse(output)
}
