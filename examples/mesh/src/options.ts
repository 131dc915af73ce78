import { Command, InvalidArgumentError, Option } from 'commander'
import { parseGoDuration } from '@meshid/example-operations'

/** What the demo was asked for. */
export interface DemoOptions {
  /** Lifetime of leaves, as Go writes durations. */
  readonly ttl: string
  /** How long the identity server is dead in the middle; undefined: it lives. */
  readonly outage?: string
  readonly keep: boolean
  readonly json: boolean
  readonly rps: number
  /** How often each proxy must rotate before the demo ends. */
  readonly rotations: number
}

const duration = (text: string): string => {
  try {
    if (parseGoDuration(text) >= 3000) return text
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error))
  }
  throw new InvalidArgumentError('expected 3s or more')
}

const whole = (text: string): number => {
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new InvalidArgumentError('expected a whole number from 1 to 999')
  return Number(text)
}

const examples = `
Examples:
  pnpm demo                          the story in about half a minute
  pnpm demo --ttl 20s                leaves that live twice as long
  pnpm demo --ttl 60s --outage 15s   kill the identity server for 15 s; nobody should notice
  pnpm demo --keep                   stay at the end, to look at the files and ports
  pnpm demo --json                   one JSON object a line, for scripts

Exit codes: 0 nothing failed, 1 something did, 130 stopped by Ctrl-C.`

/** Reads the command line; prints help or a refusal and ends the process when that is all there is to do. */
export function parseOptions(argv: readonly string[]): DemoOptions {
  const command = new Command('demo')
    .description(
      'A mesh comes alive on this machine: trust anchor, issuer, identity server, two proxies, mTLS, rotation.',
    )
    .addOption(new Option('--ttl <duration>', 'lifetime of the leaf certificates').default('10s').argParser(duration))
    .addOption(new Option('--outage <duration>', 'kill the identity server for this long').argParser(duration))
    .addOption(new Option('--rps <number>', 'requests a second').default(40).argParser(whole))
    .addOption(
      new Option('--rotations <number>', 'end after each proxy has rotated this often').default(3).argParser(whole),
    )
    .option('--keep', 'keep everything running at the end until Ctrl-C', false)
    .option('--json', 'print one JSON object a line', false)
    .addHelpText('after', examples)
    .showHelpAfterError()
  return command.parse(argv, { from: 'user' }).opts()
}
