import { CliError } from './errors.ts'

const shape = /^(\d{4}-\d{2}-\d{2})(?:T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?(?:Z|[+-]\d{2}:\d{2}))?$/

/** Most characters of the text that an error repeats. */
const MAX_REPEATED_CHARACTERS = 40

/**
 * Reads an instant of RFC 3339 such as `2026-05-21T12:11:02Z`, or a day such as `2026-05-21`, which is its first instant in
 * UTC. The time zone must be said, so that a command means the same on every machine.
 *
 * @throws CliError CLI_INSTANT_INVALID
 * @see RFC 3339 section 5.6
 */
export function parseInstant(text: string): Date {
  const day = shape.exec(text)?.[1]
  const instant = new Date(text)
  if (day === undefined || Number.isNaN(instant.getTime()) || !isDay(day)) throw refuse(text)
  return instant
}

/** JavaScript takes the 31st of February for the 3rd of March. */
function isDay(day: string): boolean {
  const date = new Date(`${day}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day)
}

function refuse(text: string): CliError {
  const expected = 'an instant such as 2026-05-21T12:11:02Z, or a day such as 2026-05-21'
  const found = JSON.stringify(text.slice(0, MAX_REPEATED_CHARACTERS))
  return new CliError('CLI_INSTANT_INVALID', `instant: expected ${expected}, found ${found}`, {
    detail: { expected, found },
  })
}
