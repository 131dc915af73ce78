import { writeFile } from 'node:fs/promises'
import { type Command, Option } from 'commander'
import { duration, type FleetOptions, parseVariants, withFleetOptions } from '../options.ts'
import { formatMs, latencySvg, latencyText } from '../figures/latency-chart.ts'
import { createProgress } from '../figures/progress.ts'
import { textTable } from '../figures/text-table.ts'
import { openWorld } from '../scenarios/open-world.ts'
import { runStorm, type StormResult } from '../scenarios/storm.ts'
import type { StormVariantName } from '../scenarios/storm-variants.ts'

interface Options extends FleetOptions {
  readonly variants: readonly StormVariantName[]
  readonly window: number
}

const examples = `
Examples:
  $ main.ts storm                                        10,000 proxies of 200 accounts within one second
  $ main.ts storm --proxies 300 --accounts 20            a small one
  $ main.ts storm --variants default,no-memory,no-precheck
  $ main.ts storm --variants pod-tokens --deadline 15s   no token is shared, so each is reviewed
  $ main.ts storm --connections 10000                    a connection for each proxy (see ulimit -n)
  $ main.ts storm --server-flag --kube-apiclient-qps=400 --review-rate 400
  $ main.ts storm --json --svg storm.svg

Exit codes: 0 all were certified, 1 not all, 130 stopped by Ctrl-C.`

/** Adds `storm`: all proxies restart at once. */
export function addStorm(program: Command, signal: AbortSignal): void {
  withFleetOptions(program.command('storm'), { proxies: 10_000, connections: 1000 })
    .description('All proxies restart within one second, and ask one server, with a limited API server behind it.')
    .addOption(new Option('--window <duration>', 'all of them come within it').argParser(duration).default(1000, '1s'))
    .addOption(
      new Option('--variants <names>', 'of server and tokens: default, no-memory, no-precheck, pod-tokens')
        .argParser(parseVariants)
        .default(['default'], 'default'),
    )
    .addHelpText('after', examples)
    .action((options: Options) => storm(options, signal))
}

async function storm(options: Options, signal: AbortSignal): Promise<void> {
  const progress = createProgress(performance.now())
  const { reviewDelay: reviewDelayMs, reviewRate: reviewsPerSecond, window: windowMs, deadline: deadlineMs } = options
  await using world = await openWorld({ ...options, reviewDelayMs, reviewsPerSecond }, progress)
  const results: StormResult[] = []
  for (const variant of options.variants) {
    const { connections, seed, serverFlag: flags } = options
    results.push(await runStorm(world, { variant, connections, windowMs, deadlineMs, seed, flags, signal }, progress))
  }
  process.stdout.write(options.json ? `${JSON.stringify({ storms: results })}\n` : `${stormText(results)}\n`)
  const [first] = results
  if (options.svg !== undefined && first !== undefined)
    await writeFile(
      options.svg,
      latencySvg(`storm of ${first.proxies} proxies: from coming to being certified`, first.latenciesMs),
    )
  process.exitCode = results.every(({ certified, proxies }) => certified === proxies) ? 0 : 1
}

/** The cells of one storm, the same on a terminal and on a page. */
export function stormCells(result: StormResult): readonly string[] {
  const { variant, certified, totalMs, latency, reviews, retries, refused, usage, linkerdMs } = result
  const count = Object.values(refused).reduce((sum, times) => sum + times, 0)
  return [
    variant,
    String(certified),
    formatMs(totalMs),
    formatMs(linkerdMs),
    formatMs(latency.p50Ms),
    formatMs(latency.p99Ms),
    formatMs(latency.maxMs),
    String(reviews),
    String(retries),
    String(count),
    usage === undefined ? '-' : formatMs(usage.cpuMs),
    usage === undefined ? '-' : `${Math.round(usage.peakRssBytes / 2 ** 20)} MiB`,
  ]
}

export const stormHeads: readonly string[] = [
  'variant',
  'certified',
  'total',
  'Linkerd',
  'p50',
  'p99',
  'max',
  'reviews',
  'retries',
  'refused',
  'CPU',
  'peak RSS',
]

function stormText(results: readonly StormResult[]): string {
  const charts = results.map(
    ({ variant, latenciesMs, latency }) =>
      `\n${variant}: from coming to being certified\n${latencyText(latenciesMs, latency)}`,
  )
  return [textTable(stormHeads, results.map(stormCells)), ...charts].join('\n')
}
