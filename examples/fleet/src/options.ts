import { parseGoDuration } from '@meshid/example-operations'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { type StormVariantName, stormVariants } from './scenarios/storm-variants.ts'

/** What every run with a real server is told. */
export interface FleetOptions {
  readonly proxies: number
  readonly accounts: number
  readonly connections: number
  readonly profile: 'spiffe' | 'linkerd'
  readonly reviewDelay: number
  readonly reviewRate: number
  readonly deadline: number
  readonly seed: number
  readonly serverFlag: readonly string[]
  readonly json: boolean
  readonly svg?: string
}

/** A reader of whole numbers in a range, whose refusal says which. */
export function whole(from: number, to: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= from && value <= to) return value
    throw new InvalidArgumentError(`expected a whole number from ${from} to ${to}`)
  }
}

/** Reads a duration as Go writes it, such as `90s`, in milliseconds. */
export function duration(text: string): number {
  try {
    return parseGoDuration(text)
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : 'not understood')
  }
}

const collect = (text: string, before: readonly string[]): readonly string[] => [...before, text]

/** A number with its default. */
export const number = (usage: string, what: string, [from, to, by]: readonly [number, number, number]): Option =>
  new Option(usage, what).argParser(whole(from, to)).default(by)

/** Adds the options that all runs with a real server have. */
export function withFleetOptions(
  command: Command,
  defaults: { readonly proxies: number; readonly connections: number },
): Command {
  return command
    .addOption(number('--proxies <number>', 'simulated proxies', [1, 1_000_000, defaults.proxies]))
    .addOption(number('--accounts <number>', 'service accounts that they are dealt out to', [1, 100_000, 200]))
    .addOption(number('--connections <number>', 'TCP connections, shared evenly', [1, 60_000, defaults.connections]))
    .addOption(
      new Option('--profile <profile>', 'names in certificates').choices(['spiffe', 'linkerd']).default('linkerd'),
    )
    .addOption(
      new Option('--review-delay <duration>', 'what a token review takes').argParser(duration).default(5, '5ms'),
    )
    .addOption(number('--review-rate <number>', 'token reviews that the API server does a second', [1, 1_000_000, 100]))
    .addOption(new Option('--deadline <duration>', 'of one attempt').argParser(duration).default(10_000, '10s'))
    .addOption(number('--seed <number>', 'of everything random', [0, 2 ** 32 - 1, 1]))
    .addOption(
      new Option('--server-flag <flag>', 'one more flag of the server; may be repeated').argParser(collect).default([]),
    )
    .option('--json', 'print one JSON object', false)
    .option('--svg <file>', 'write the histogram of latencies as SVG')
}

/** Reads the names of variants, separated by commas. */
export function parseVariants(text: string): readonly StormVariantName[] {
  return text.split(',').map((name) => {
    if (Object.hasOwn(stormVariants, name)) return name as StormVariantName
    throw new InvalidArgumentError(`expected some of ${Object.keys(stormVariants).join(', ')}`)
  })
}
