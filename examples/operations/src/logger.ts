import { Writable } from 'node:stream'
import { type DestinationStream, type Logger, pino } from 'pino'
import { batchedOutput } from './batched-output.ts'
import { formatLogfmt } from './logfmt.ts'

export type { Logger } from 'pino'

/** Level names as the identity controller's `--log-level` takes them; `panic` counts as `fatal`. */
export const logLevels: readonly string[] = ['panic', 'fatal', 'error', 'warn', 'info', 'debug', 'trace']

export interface LoggerOptions {
  /** Default `info`. */
  readonly level?: string
  /** `plain` is logfmt (`time="…" level=… msg="…"`), `json` one object a line. Anything else counts as plain. */
  readonly format?: string
  /** Where lines go; default standard output, in batches. */
  readonly write?: (line: string) => void
}

/** What looks like a JSON web token; no line ever holds one, whatever a stranger wrote into a name. */
const LOOKS_LIKE_A_TOKEN = /eyJ[\w-]*(?:\.[\w-]*)+/g

/** A text without what looks like a token. */
export const redactTokens = (text: string): string => text.replace(LOOKS_LIKE_A_TOKEN, '[redacted]')

/** Creates the log of a long-running example. Fields are values that are safe to print: never a token, a key or a raw request. */
export function createLogger(options: LoggerOptions = {}): Logger {
  const write = options.write ?? batchedOutput()
  const format = options.format === 'json' ? (line: string) => line : formatLogfmt
  const level = options.level === 'panic' ? 'fatal' : (options.level ?? 'info')
  const settings = {
    level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString().replace(/\.\d+Z$/, 'Z')}"`,
    formatters: { level: (label: string) => ({ level: label === 'warn' ? 'warning' : label }) },
  }
  return pino(
    settings,
    lineStream((line) => write(format(redactTokens(line)))),
  )
}

function lineStream(onLine: (line: string) => void): DestinationStream {
  return new Writable({
    decodeStrings: false,
    write(line: string, _encoding, done) {
      onLine(line)
      done()
    },
  })
}
