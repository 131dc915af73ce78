import { type Logger, pino } from 'pino'
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
    timestamp: createTimeField(),
    formatters: { level: (label: string) => ({ level: label === 'warn' ? 'warning' : label }) },
  }
  return pino(settings, { write: (line: string) => write(format(redactTokens(line))) })
}

/** The field of the time as pino takes it, made once a second, because it is in whole seconds. */
function createTimeField(): () => string {
  let second = Number.NaN
  let field = ''
  return () => {
    const now = Math.floor(Date.now() / 1000)
    if (now !== second) {
      second = now
      field = `,"time":"${new Date(now * 1000).toISOString().replace('.000Z', 'Z')}"`
    }
    return field
  }
}
