/** Flags that are true when they stand alone, and never take the argument after them as a value. */
const booleans: ReadonlySet<string> = new Set([
  '--audience-fallback',
  '--enable-pprof',
  '--token-precheck',
  '--version',
])

/**
 * Rewrites arguments as Go's flag package takes them (`-addr :8080`, `-addr=:8080`, `-enable-pprof=false`) for a parser that
 * wants two dashes and a value for each flag. Values are not touched.
 *
 * The first word `identity` chooses a program in Linkerd's image (`/controller identity -log-level=…`). What follows is
 * Linkerd's command line then, so its names are the default: `--profile=linkerd`.
 */
export function normalizeArguments(argv: readonly string[]): string[] {
  if (argv[0] === 'identity') return ['--profile=linkerd', ...normalizeArguments(argv.slice(1))]
  return argv.map((argument) => {
    const long = /^-[a-z][a-z-]/.test(argument) ? `-${argument}` : argument
    return booleans.has(long) ? `${long}=true` : long
  })
}

/** Reads what Go's `strconv.ParseBool` takes. */
export function parseGoBool(text: string): boolean {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)) return true
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text)) return false
  throw new RangeError(`expected true or false, found ${JSON.stringify(text.slice(0, 64))}`)
}
