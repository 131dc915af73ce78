import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** One line of a child's JSON log; what it wrote to standard error has the level `stderr`. */
export interface LogLine {
  readonly level: string
  readonly msg: string
  readonly [field: string]: unknown
}

export interface ProcessOptions {
  readonly name: string
  /** Path of the program from this file. */
  readonly script: string
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly onLine: (line: LogLine) => void
}

export interface Process {
  readonly name: string
  readonly pid: number
  /** True until the process has ended. */
  readonly running: boolean
  /** Its last words on standard error, for a failure report. */
  readonly lastWords: () => string
  /** Sends the signal and waits for the end; a process that does not end in 5 s is killed. */
  stop(signal?: NodeJS.Signals): Promise<void>
}

function follow(child: ChildProcess, onLine: (line: LogLine) => void): () => string {
  const words: string[] = []
  const note = (line: string): void => {
    words.push(line)
    if (words.length > 20) words.shift()
  }
  if (child.stderr) {
    createInterface(child.stderr).on('line', (line) => {
      note(line)
      onLine({ level: 'stderr', msg: line })
    })
  }
  if (!child.stdout) return () => words.join('\n')
  createInterface(child.stdout).on('line', (line) => {
    if (!line.startsWith('{')) return note(line)
    const parsed = JSON.parse(line) as LogLine
    if (['warning', 'error', 'fatal'].includes(parsed.level)) note(line)
    onLine(parsed)
  })
  return () => words.join('\n')
}

/** Starts one of the demo's programs with this Node and follows its log. */
export function startProcess(options: ProcessOptions): Process {
  const script = fileURLToPath(new URL(options.script, import.meta.url))
  const child = spawn(
    process.execPath,
    ['--conditions=@meshid/source', '--disable-warning=ExperimentalWarning', script, ...(options.args ?? [])],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'] ?? '', ...options.env },
    },
  )
  const lastWords = follow(child, options.onLine)
  const ended = once(child, 'close')
  return {
    name: options.name,
    pid: child.pid ?? 0,
    get running() {
      return child.exitCode === null && child.signalCode === null
    },
    lastWords,
    async stop(signal = 'SIGTERM') {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill(signal)
      const timer = setTimeout(() => child.kill('SIGKILL'), 5000)
      await ended
      clearTimeout(timer)
    },
  }
}
