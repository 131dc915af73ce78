import type { Command } from 'commander'
import { type FleetOptions, numberOption, withFleetOptions } from '../options.ts'
import { steadyArrivals } from '../scenarios/arrive.ts'
import type { StormVariantName } from '../scenarios/storm-variants.ts'
import { runVariants, variantsOption } from './storm.ts'

interface Options extends FleetOptions {
  readonly rate: number
  readonly variants: readonly StormVariantName[]
}

const examples = `
Examples:
  $ main.ts rolling                          3,000 pods are replaced, 50 a second, each with a token of its own
  $ main.ts rolling --rate 120               more than the API server reviews: the queue grows
  $ main.ts rolling --variants default       tokens that the pods of an account share

Exit codes: 0 all were certified, 1 not all, 130 stopped by Ctrl-C.`

/** Adds `rolling`: pods are replaced, so many a second. */
export function addRolling(program: Command, signal: AbortSignal): void {
  withFleetOptions(program.command('rolling'), { proxies: 3000, connections: 300 })
    .description('A deployment: pods are replaced, so many a second, each with a new key and usually a new token.')
    .addOption(numberOption('--rate <number>', 'pods a second', [1, 100_000, 50]))
    .addOption(variantsOption('pod-tokens'))
    .addHelpText('after', examples)
    .action(async (options: Options) => {
      await runVariants(options, { arrivals: steadyArrivals(options.rate), section: 'rolling', signal })
    })
}
