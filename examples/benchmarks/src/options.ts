import { Command, InvalidArgumentError, Option } from 'commander'

export interface BenchOptions {
  /** Identifiers of targets; undefined: all. */
  readonly only?: readonly string[]
  readonly json: boolean
  readonly write: boolean
  readonly runs: number
}

const whole = (text: string): number => {
  if (!/^[1-9]\d?$/.test(text)) throw new InvalidArgumentError('expected a whole number from 1 to 99')
  return Number(text)
}

const examples = `
Examples:
  pnpm bench                  every target, in a few minutes
  pnpm bench --only T1,T7     two of them
  pnpm bench --write          and write docs/benchmarks.md
  pnpm bench --json           one JSON object, for scripts

Exit codes: 0 every target is met, 1 one is missed by more than its spread, 2 the command line is wrong.`

/** Reads the command line. */
export function parseOptions(argv: readonly string[]): BenchOptions {
  return new Command('bench')
    .description('Measures what meshid promises, each as a ratio of two things that run by turns in one process.')
    .addOption(new Option('--only <targets>', 'these targets only').argParser((text) => text.split(',')))
    .addOption(new Option('--runs <number>', 'processes for each program').default(2).argParser(whole))
    .option('--json', 'print JSON instead of tables', false)
    .option('--write', 'write the figures into docs/benchmarks.md', false)
    .addHelpText('after', examples)
    .showHelpAfterError()
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
    .parse(argv, { from: 'user' })
    .opts()
}
