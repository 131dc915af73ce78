import { CliError } from './errors.ts'

/** Milliseconds of each unit that Go knows; both code points of the letter mu are in use. */
const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  '\u00b5s': 1e-3,
  '\u03bcs': 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}

/** Most characters of a duration; `2540400h10m10.000000000s` has 24. */
const MAX_DURATION_CHARACTERS = 64

/** Go counts nanoseconds in 64 bits, so it stops at some 292 years. */
const MAX_DURATION_MS = (2 ** 63 - 1) / 1e6

const shape = /^\+?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|\u00b5s|\u03bcs|ms|s|m|h))+$/
const part = /(\d+\.?\d*|\.\d+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/g

/**
 * Reads a duration as Go's `time.ParseDuration` does (`8760h`, `1h30m`, `1.5s`, `0`), in whole milliseconds.
 *
 * A negative one is refused, and a day is no unit of Go.
 *
 * @throws CliError CLI_DURATION_INVALID
 * @see https://pkg.go.dev/time#ParseDuration
 */
export function parseDuration(text: string): number {
  if (text === '0' || text === '+0') return 0
  if (text.length > MAX_DURATION_CHARACTERS || !shape.test(text)) throw refuse(text)
  let total = 0
  for (const [, number, unit] of text.matchAll(part)) total += Number(number) * (unitMs[unit ?? ''] ?? Number.NaN)
  if (!(total <= MAX_DURATION_MS)) throw refuse(text)
  return Math.round(total)
}

function refuse(text: string): CliError {
  const expected = 'hours, minutes and seconds such as 8760h, 1h30m or 90s'
  const found = JSON.stringify(text.slice(0, MAX_DURATION_CHARACTERS))
  return new CliError('CLI_DURATION_INVALID', `duration: expected ${expected}, found ${found}`, {
    detail: { expected, found },
  })
}
