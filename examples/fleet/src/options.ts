import { parseGoDuration } from '@meshid/example-operations'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { FleetProfile } from './server/start-server.ts'
import { type StormVariantName, stormVariants } from './scenarios/storm-variants.ts'

/** What every run with a real server is told; durations in milliseconds. */
export interface FleetOptions {
  readonly proxies: number
  readonly accounts: number
  readonly connections: number
  readonly profile: FleetProfile
  readonly reviewDelay: number
  readonly reviewRate: number
  readonly deadline: number
  readonly seed: number
  readonly serverFlag: readonly string[]
  readonly json: boolean
  readonly svg?: string
  readonly write: boolean
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
export function parseDuration(text: string): number {
  try {
    return parseGoDuration(text)
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : 'not understood')
  }
}

const collect = (text: string, before: readonly string[]): readonly string[] => [...before, text]

/** An option with a number, its range and its default. */
export const numberOption = (usage: string, what: string, [from, to, by]: readonly [number, number, number]): Option =>
  new Option(usage, what).argParser(whole(from, to)).default(by)

/** An option with a duration and its default. */
export const durationOption = (usage: string, what: string, by: string): Option =>
  new Option(usage, what).argParser(parseDuration).default(parseDuration(by), by)

/** Options with the size of the fleet. */
export interface FleetDefaults {
  readonly proxies: number
  readonly connections: number
}

/** Adds the options that all runs with a real server have. */
export function withFleetOptions(command: Command, { proxies, connections }: FleetDefaults): Command {
  return command
    .addOption(numberOption('--proxies <number>', 'simulated proxies', [1, 1_000_000, proxies]))
    .addOption(numberOption('--accounts <number>', 'service accounts that they are dealt out to', [1, 100_000, 200]))
    .addOption(numberOption('--connections <number>', 'TCP connections, shared evenly', [1, 60_000, connections]))
    .addOption(
      new Option('--profile <profile>', 'names in certificates').choices(['spiffe', 'linkerd']).default('linkerd'),
    )
    .addOption(durationOption('--review-delay <duration>', 'what a token review takes', '5ms'))
    .addOption(numberOption('--review-rate <number>', 'token reviews a second', [1, 1_000_000, 100]))
    .addOption(durationOption('--deadline <duration>', 'of one attempt of a proxy', '30s'))
    .addOption(numberOption('--seed <number>', 'of everything random', [0, 2 ** 32 - 2, 1]))
    .addOption(new Option('--server-flag <flag>', 'one more flag of the server').argParser(collect).default([]))
    .option('--json', 'print one JSON object', false)
    .option('--svg <file>', 'write the histogram of latencies')
    .option('--write', 'write the table into docs/scale.md', false)
}

/** Reads the names of variants, separated by commas. */
export function parseVariants(text: string): readonly StormVariantName[] {
  return text.split(',').map((name) => {
    if (Object.hasOwn(stormVariants, name)) return name as StormVariantName
    throw new InvalidArgumentError(`expected some of ${Object.keys(stormVariants).join(', ')}`)
  })
}
