import { type Command, Option } from 'commander'
import { createProgress } from '../figures/progress.ts'
import { stormTable } from '../figures/storm-table.ts'
import { durationOption, type FleetOptions, parseVariants, withFleetOptions } from '../options.ts'
import { spreadArrivals } from '../scenarios/arrive.ts'
import { openWorld } from '../scenarios/open-world.ts'
import { runStorm, type StormOptions, type StormResult } from '../scenarios/storm.ts'
import type { StormVariantName } from '../scenarios/storm-variants.ts'
import { createPrinter } from './print.ts'

interface Options extends FleetOptions {
  readonly variants: readonly StormVariantName[]
  readonly window: number
}

const examples = `
Examples:
  $ main.ts storm                                        10,000 proxies of 200 accounts within one second
  $ main.ts storm --proxies 300 --accounts 20            a small one
  $ main.ts storm --variants default,no-memory,no-precheck
  $ main.ts storm --variants pod-tokens                  no token is shared, so each is reviewed
  $ main.ts storm --connections 10000                    a connection for each proxy (see ulimit -n)
  $ main.ts storm --review-rate 400 --server-flag=--kube-apiclient-qps=400
  $ main.ts storm --json --svg storm.svg

Exit codes: 0 all were certified, 1 not all, 130 stopped by Ctrl-C.`

/** The option by which storms and deployments choose their variants. */
export const variantsOption = (by: StormVariantName): Option =>
  new Option('--variants <names>', 'of server and tokens: default, no-memory, no-precheck, pod-tokens')
    .argParser(parseVariants)
    .default([by], by)

/** Adds `storm`: all proxies restart at once. */
export function addStorm(program: Command, signal: AbortSignal): void {
  withFleetOptions(program.command('storm'), { proxies: 10_000, connections: 1000 })
    .description('All proxies restart within one second, and ask one server with a limited API server behind it.')
    .addOption(durationOption('--window <duration>', 'all of them come within it', '1s'))
    .addOption(variantsOption('default'))
    .addHelpText('after', examples)
    .action(async (options: Options) => {
      await runVariants(options, { arrivals: spreadArrivals(options.window), section: 'storm', signal })
    })
}

/** What tells a storm from a deployment. */
export interface VariantsOptions extends Pick<StormOptions, 'arrivals' | 'signal'> {
  readonly section: 'storm' | 'rolling'
}

/** Runs the variants one after the other with the same fleet, and prints what they were. */
export async function runVariants(
  options: Omit<Options, 'window'>,
  { arrivals, section, signal }: VariantsOptions,
): Promise<void> {
  const printer = createPrinter<StormResult & { readonly title: string }>(options)
  const progress = createProgress(performance.now())
  const { reviewDelay: reviewDelayMs, reviewRate: reviewsPerSecond, deadline: deadlineMs } = options
  const { connections, seed, serverFlag: flags } = options
  await using world = await openWorld({ ...options, reviewDelayMs, reviewsPerSecond }, progress)
  const results: (StormResult & { readonly title: string })[] = []
  for (const variant of options.variants) {
    const run = { variant, connections, deadlineMs, arrivals, seed, flags, signal }
    const title = `${section === 'storm' ? 'storm' : 'deployment'} of ${options.proxies} proxies, ${variant}: from coming to being certified`
    results.push({ title, ...(await runStorm(world, run, progress)) })
  }
  await printer.print(results, { section, ...stormTable(section) })
  process.exitCode = results.every(({ certified, proxies }) => certified === proxies) ? 0 : 1
}
