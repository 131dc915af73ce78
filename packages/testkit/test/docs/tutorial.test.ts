import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { projectRoot, sourceFiles } from '../../src/pages/source-files.ts'

const PAGE = 'docs/tutorial.md'
const DEADLINE_MS = 240_000

/** One `sh` block of the tutorial, and the `text` block that says what it prints, if one follows at once. */
interface Step {
  readonly line: number
  readonly code: string
  readonly promise: string | undefined
}

/** The blocks of a page that a reader types, in order. */
function stepsOf(markdown: string): Step[] {
  const blocks = /^```sh\n([\s\S]*?)^```\n(?:\n```text\n([\s\S]*?)^```$)?/gm
  return [...markdown.matchAll(blocks)].map((match) => ({
    line: markdown.slice(0, match.index).split('\n').length,
    code: match[1] ?? '',
    promise: match[2],
  }))
}

/** Each `…` stands for a piece of a line that differs from run to run; alone on its line, for any number of lines. */
function keeps(printed: string, promise: string): boolean {
  const quote = (piece: string): string => piece.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
  const lines = promise
    .split('\n')
    .map((line) => (line === '…' ? '(?:.*\n)*?' : `${line.split('…').map(quote).join('.+')}\n`))
  return new RegExp(`^${lines.join('')}$`).test(`${printed}\n`)
}

const mark = (line: number): string => `--- ${PAGE}:${line} ---`

/** One bash script of all blocks; each is announced on both streams, so that what it prints and what fails can be told. */
function scriptOf(steps: readonly Step[]): string {
  const parts = steps.map(({ line, code }) => `echo '${mark(line)}'; echo '${mark(line)}' >&2\n${code}`)
  return `exec </dev/null\n${parts.join('\n')}\necho '${mark(0)}'\n`
}

/** What each block printed, by its line. */
function printedBy(stdout: string): ReadonlyMap<number, string> {
  const pieces = stdout.split(new RegExp(`^${mark(0).replace('0', '(\\d+)').replaceAll('.', '\\.')}\n`, 'm'))
  const printed = new Map<number, string>()
  for (let at = 1; at < pieces.length; at += 2) printed.set(Number(pieces[at]), (pieces[at + 1] ?? '').trimEnd())
  return printed
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address ? address.port : 0
}

/** Puts a free port in place of each that the page names, so that the test disturbs nobody on this machine. */
async function withFreePorts(markdown: string): Promise<string> {
  let page = markdown
  for (const name of new Set(markdown.match(/(?<=127\.0\.0\.1:)\d{5}/g))) {
    page = page.replaceAll(new RegExp(`\\b${name}\\b`, 'g'), String(await freePort()))
  }
  return page
}

interface Outcome {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs the script in its own process group and ends whatever it leaves behind. */
async function run(folder: string, script: string): Promise<Outcome> {
  const file = join(folder, '.tutorial.sh')
  await writeFile(file, script)
  const path = [join(projectRoot, 'docs/bin'), dirname(process.execPath), process.env['PATH']].join(delimiter)
  const child = spawn('bash', ['-euo', 'pipefail', file], {
    cwd: folder,
    env: { ...process.env, PATH: path },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const endGroup = (): void => {
    try {
      process.kill(-(child.pid ?? 0), 'SIGKILL')
    } catch {
      // Nobody is left.
    }
  }
  const overdue = setTimeout(endGroup, DEADLINE_MS)
  const streams = Promise.all([text(child.stdout), text(child.stderr)])
  await once(child, 'exit')
  clearTimeout(overdue)
  endGroup()
  const [stdout, stderr] = await streams
  return { status: child.exitCode, stdout, stderr }
}

/** The last lines of every log that the tutorial wrote: what a person would look at when a step fails. */
async function lastWords(folder: string): Promise<string> {
  const logs = (await readdir(folder)).filter((name) => name.endsWith('.log'))
  const tails = logs.map(async (name) => {
    const lines = (await readFile(join(folder, name), 'utf8')).split('\n')
    return `== ${name}\n${lines.slice(-15).join('\n')}`
  })
  return (await Promise.all(tails)).join('\n')
}

const missing = ['bash', 'openssl', 'curl'].filter((tool) => spawnSync(tool, ['--version']).error !== undefined)
if (missing.length > 0) console.warn(`the tutorial is not run: ${missing.join(', ')} not found on this machine`)

describe('the tutorial', () => {
  test.skipIf(missing.length > 0)(
    'does what it says: every sh block, in order, in one shell; every text block is what was printed',
    async () => {
      const [page] = sourceFiles(/^docs\/tutorial\.md$/)
      const steps = stepsOf(await withFreePorts(page?.text ?? ''))
      expect(steps.length).toBeGreaterThan(15)
      const folder = await mkdtemp(join(tmpdir(), 'meshid-tutorial-'))
      try {
        const { status, stdout, stderr } = await run(folder, scriptOf(steps))
        const last = [...printedBy(stdout).keys()].at(-1)
        if (status !== 0)
          expect.fail(`line ${last}: status ${status}\n${stderr.slice(-4000)}\n${await lastWords(folder)}`)
        const printed = printedBy(stdout)
        const promises = steps.flatMap(({ line, promise }) =>
          promise === undefined ? [] : [{ line, text: promise.trimEnd() }],
        )
        expect(promises.length).toBeGreaterThan(15)
        const kept = promises.map(({ line, text: promise }) => {
          const found = printed.get(line) ?? ''
          return { line, text: keeps(found, promise) ? promise : found }
        })
        expect(kept).toEqual(promises)
      } finally {
        await rm(folder, { recursive: true })
      }
    },
    DEADLINE_MS + 10_000,
  )

  test('names no block language that nobody checks', () => {
    const [page] = sourceFiles(/^docs\/tutorial\.md$/)
    const languages = [...(page?.text ?? '').matchAll(/^```(\w+)$/gm)].map(([, language]) => language)
    expect(languages.filter((language) => language !== 'sh' && language !== 'text')).toEqual([])
    const unled = (page?.text ?? '').replaceAll(/^```sh\n[\s\S]*?^```\n\n```text$/gm, '').match(/^```text$/gm)
    expect(unled).toBeNull()
  })

  test('the comparison can fail: another word, a missing piece, a line too many', () => {
    expect(keeps('serial 7f\nend', 'serial …\nend')).toBe(true)
    expect(keeps('one\ntwo\nthree', 'one\n…\nthree')).toBe(true)
    expect(keeps('serial \nend', 'serial …\nend')).toBe(false)
    expect(keeps('one\ntwo', 'one')).toBe(false)
    expect(keeps('one', 'two')).toBe(false)
  })

  test.skipIf(missing.length > 0)('the run can fail: a block that fails ends it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'meshid-tutorial-'))
    try {
      const steps = stepsOf('```sh\necho one\n```\n\n```sh\nfalse\n```\n\n```sh\necho never\n```\n')
      const { status, stdout } = await run(folder, scriptOf(steps))
      expect({ status, printed: [...printedBy(stdout).values()] }).toEqual({ status: 1, printed: ['one', ''] })
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
