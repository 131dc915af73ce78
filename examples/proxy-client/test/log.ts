import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

/** One line of a JSON log. */
export interface LogLine {
  readonly level: string
  readonly msg: string
  readonly [field: string]: unknown
}

/** What a process has said so far. */
export interface Log {
  readonly lines: readonly LogLine[]
  /** Waits for a line with this message and these fields, from a place on (default: from the start). */
  next(fields: Readonly<Record<string, unknown>>, options?: { readonly from?: number }): Promise<LogLine>
}

/** Longer than anything that a test waits for, shorter than the test itself may take. */
const DEADLINE_MS = 40_000

/** Follows the JSON log of a process. */
export function followLog(stdout: Readable): Log {
  const lines: LogLine[] = []
  const looks = new Set<() => void>()
  createInterface(stdout).on('line', (text) => {
    lines.push(JSON.parse(text) as LogLine)
    for (const look of looks) look()
  })
  return {
    lines,
    next(fields, { from = 0 } = {}) {
      const fits = (line: LogLine): boolean => Object.entries(fields).every(([name, value]) => line[name] === value)
      return new Promise((resolve, reject) => {
        const settle = (done: () => void): void => {
          clearTimeout(timer)
          looks.delete(look)
          done()
        }
        const look = (): void => {
          const found = lines.slice(from).find(fits)
          if (found) settle(() => resolve(found))
        }
        const overdue = (): void => {
          const said = lines.map((line) => JSON.stringify(line)).join('\n')
          settle(() => reject(new Error(`expected a line with ${JSON.stringify(fields)}, found\n${said}`)))
        }
        const timer = setTimeout(overdue, DEADLINE_MS)
        looks.add(look)
        look()
      })
    },
  }
}
