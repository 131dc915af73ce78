/** Characters that a logfmt value may hold without quotes, as logrus has it. */
const bare = /^[a-zA-Z0-9\-._/@^+]+$/

function value(field: unknown): string {
  const text = typeof field === 'string' ? field : JSON.stringify(field)
  return bare.test(text) ? text : JSON.stringify(text)
}

/** A line that has no other fields and no escapes, as most are; any other is parsed. */
const PLAIN_LINE = /^\{"level":"(\w+)","time":("[^"\\]+"),"msg":"([^"\\]*)"\}\n?$/

/** Turns one JSON log line into logfmt: `time` (always quoted), `level`, `msg`, then the other fields by name. */
export function formatLogfmt(line: string): string {
  const [, ofLevel, ofTime, text] = PLAIN_LINE.exec(line) ?? []
  if (text !== undefined) return `time=${ofTime} level=${ofLevel} msg=${bare.test(text) ? text : `"${text}"`}\n`
  const { time, level, msg, ...fields } = JSON.parse(line) as Record<string, unknown>
  const rest = Object.keys(fields)
    .toSorted()
    .map((name) => ` ${name}=${value(fields[name])}`)
  return `time=${JSON.stringify(time)} level=${value(level)} msg=${value(msg ?? '')}${rest.join('')}\n`
}
