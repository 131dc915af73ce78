import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

/** One line of a log. */
export interface LogLine {
  readonly level: string
  readonly msg: string
  readonly code?: string
  readonly [field: string]: unknown
}

/** What a process has said so far. */
export interface LogLines {
  /** Every line of standard output, as it came. */
  readonly texts: readonly string[]
  /**
   * The first line whose message matches, from a place on: at once if it is there, or as soon as it comes.
   * Rejects with the whole log when it does not come in time.
   */
  next(message: RegExp, options?: { readonly from?: number }): Promise<LogLine>
  /** Where the log is now, for `from`. */
  readonly length: number
}

/** Far more than anything here takes, for a machine that is busy. */
const DEADLINE_MS = 15_000

/** Reads a line of either format; of logfmt only level and message. */
function parseLine(text: string): LogLine {
  if (text.startsWith('{')) return JSON.parse(text) as LogLine
  const [, level = '', msg = ''] = /^time="[^"]*" level=(\S+) msg=("(?:[^"\\]|\\.)*"|\S+)/.exec(text) ?? []
  return { level, msg: msg.startsWith('"') ? (JSON.parse(msg) as string) : msg }
}

/** Follows a log. */
export function followLog(stdout: Readable): LogLines {
  const texts: string[] = []
  const lines: LogLine[] = []
  const waiting = new Set<() => void>()
  createInterface(stdout).on('line', (text) => {
    texts.push(text)
    lines.push(parseLine(text))
    for (const look of waiting) look()
  })
  return {
    texts,
    get length() {
      return lines.length
    },
    next(message, { from = 0 } = {}) {
      return new Promise((resolve, reject) => {
        const look = (): void => {
          const found = lines.slice(from).find(({ msg }) => message.test(msg))
          if (found === undefined) return
          clearTimeout(timer)
          waiting.delete(look)
          resolve(found)
        }
        const overdue = (): void => {
          waiting.delete(look)
          reject(new Error(`expected a line like ${message}, found\n${texts.join('\n')}`))
        }
        const timer = setTimeout(overdue, DEADLINE_MS)
        waiting.add(look)
        look()
      })
    },
  }
}
