import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The Go module, beside src and dist. */
const sources = fileURLToPath(new URL('../../go', import.meta.url))

/** For the download of the modules and for the first compilation, each, in milliseconds. */
const STEP_TIMEOUT_MS = 120_000

/** The compiled oracle. */
export interface GoProgram {
  readonly path: string
  /** Of Go, such as `go1.26.8`. */
  readonly version: string
}

/**
 * The compiled oracle; compiled once for each state of its sources and each Go. Undefined, with a line on
 * standard error that says why, where there is no Go or its modules cannot be had; sources that do not compile throw.
 */
export async function buildGoOracle(): Promise<GoProgram | undefined> {
  const { stdout: version } = await go(['env', 'GOVERSION'])
  if (version === undefined) return skip('there is no go on the PATH')
  const folder = join(tmpdir(), `meshid-go-oracle-${digestOf(version)}`)
  const program = { path: join(folder, 'oracle'), version: version.trim() }
  if (existsSync(program.path)) return program
  const modules = await go(['mod', 'download'])
  if (modules.stdout === undefined) return skip(`its modules cannot be had: ${lastLine(modules)}`)
  mkdirSync(folder, { recursive: true })
  // Another process may be building the same at the same time; a whole file appears, or none.
  const unfinished = join(folder, `oracle-${process.pid}`)
  const built = await go(['build', '-trimpath', '-o', unfinished, '.'])
  if (built.stdout === undefined) throw new Error(`expected that the Go oracle compiles, found: ${built.stderr}`)
  renameSync(unfinished, program.path)
  return program
}

interface GoRun {
  /** What it wrote when it went well. */
  readonly stdout: string | undefined
  readonly stderr: string
}

function go(args: readonly string[]): Promise<GoRun> {
  const env = { ...process.env, GOFLAGS: '-mod=readonly' }
  return new Promise((resolve) => {
    execFile('go', args, { cwd: sources, env, timeout: STEP_TIMEOUT_MS }, (error, stdout, stderr) => {
      resolve({ stdout: error === null ? stdout : undefined, stderr: stderr || (error?.message ?? '') })
    })
  })
}

function digestOf(version: string): string {
  const hash = createHash('sha256').update(version)
  for (const name of readdirSync(sources).toSorted()) hash.update(name).update(readFileSync(join(sources, name)))
  return hash.digest('hex').slice(0, 16)
}

function lastLine({ stderr }: GoRun): string {
  return stderr.trim().split('\n').at(-1) ?? ''
}

function skip(reason: string): undefined {
  process.stderr.write(`Go is not asked: ${reason}\n`)
  return undefined
}
