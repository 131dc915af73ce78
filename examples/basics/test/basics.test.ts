import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const folder = fileURLToPath(new URL('..', import.meta.url))
const programs = readdirSync(folder).filter((name) => /^\d\d-.*\.ts$/.test(name))

/** The lines after `// Prints:`, which end the program. */
function promised(program: string): readonly string[] {
  const [, promise] = readFileSync(join(folder, program), 'utf8').split('// Prints:\n')
  const lines = promise?.trimEnd().split('\n') ?? []
  expect(lines.filter((line) => !line.startsWith('// '))).toEqual([])
  return lines.map((line) => line.slice(3))
}

/** Each `…` of a promise stands for a piece that differs from run to run. */
function keeps(printed: string, promise: string): boolean {
  const pattern = promise
    .split('…')
    .map((constant) => constant.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
    .join('.+')
  return new RegExp(`^${pattern}$`).test(printed)
}

/** What was printed, with the promise in place of each line that keeps it, so that a difference reads well. */
const masked = (printed: readonly string[], promises: readonly string[]): readonly string[] =>
  printed.map((line, index) => {
    const promise = promises[index]
    return promise !== undefined && keeps(line, promise) ? promise : line
  })

async function run(program: string) {
  const child = spawn(process.execPath, ['--conditions=@meshid/source', program], { cwd: folder })
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { status: child.exitCode, stderr, lines: stdout.trimEnd().split('\n') }
}

describe('each basics program prints what its last lines promise', () => {
  test('there are seven', () => {
    expect(programs.map((name) => name.slice(0, 2))).toEqual(['01', '02', '03', '04', '05', '06', '07'])
  })

  test.each(programs)(
    '%s',
    async (program) => {
      const promises = promised(program)
      const { status, stderr, lines } = await run(program)
      expect({ status, stderr, lines: masked(lines, promises) }).toEqual({ status: 0, stderr: '', lines: promises })
    },
    60_000,
  )

  test('the comparison can fail: another word, a missing piece', () => {
    expect(keeps('serial number 7f', 'serial number …')).toBe(true)
    expect(keeps('serial number ', 'serial number …')).toBe(false)
    expect(masked(['one', 'two'], ['one', 'three'])).toEqual(['one', 'two'])
  })
})
