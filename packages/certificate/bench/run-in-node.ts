import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { Outcome } from './interleaved.ts'

/**
 * Runs a program that prints its outcomes as JSON in a Node of its own: a module runner puts a getter around each imported function,
 * and where a whole leaf costs two microseconds that is what would be measured.
 */
export async function runInNode(program: string): Promise<readonly Outcome[]> {
  const conditions = process.env['TEST_TARGET'] === 'dist' ? [] : ['--conditions=@meshid/source']
  const path = fileURLToPath(new URL(program, import.meta.url))
  const child = spawn(process.execPath, [...conditions, '--disable-warning=ExperimentalWarning', path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [output] = await Promise.all([text(child.stdout), once(child, 'close')])
  if (child.exitCode !== 0) throw new Error(`${program}: expected exit status 0, found ${child.exitCode}`)
  return JSON.parse(output)
}
