import { type Command, InvalidArgumentError, Option } from 'commander'
import type { TokenSharing } from '../cluster/cluster-protocol.ts'
import { createProgress } from '../figures/progress.ts'
import { writeChart, writeSection } from '../figures/scale-page.ts'
import { markdownTable, textTable } from '../figures/text-table.ts'
import { forecastLife } from '../model/life-model.ts'
import { defaultCosts, type ModelCosts } from '../model/model-costs.ts'
import { lifeForecastCells, lifeForecastHeads, lifeForecasts } from '../model/model-tables.ts'
import { stormForecastCells, stormForecastHeads, stormForecasts } from '../model/model-tables.ts'
import { herdChart, reviewsChart, stormChart } from '../model/scale-charts.ts'
import { forecastStorm } from '../model/storm-model.ts'
import { durationOption, numberOption } from '../options.ts'

interface CostOptions {
  readonly workloads: number
  readonly accounts: number
  readonly replicas: number
  readonly certify: number
  readonly review: number
  readonly qps: number
  readonly burst: number
  readonly apiRate: number
  readonly memory: number
  readonly seed: number
  readonly json: boolean
}

const examples = `
Examples:
  $ main.ts model storm --workloads 10000 --accounts 200 --tokens pod --replicas 1      98 s
  $ main.ts model storm --workloads 1000000 --replicas 10 --tokens pod --qps 1000
  $ main.ts model life --workloads 100000000 --replicas 40 --accounts 2000000
  $ main.ts model life --jitter 0                     a herd stays a herd
  $ main.ts model tables                     what docs/scale.md shows, in minutes; --write writes it`

/** Adds `model`: what cannot be run on one machine. */
export function addModel(program: Command): void {
  const model = program
    .command('model')
    .description('Millions of workloads by arithmetic, event by event, from what was measured.')
    .addHelpText('after', examples)
  withCosts(model.command('storm').description('All workloads come at once.'))
    .addOption(new Option('--tokens <owner>', 'who has a token').choices(['account', 'pod']).default('account'))
    .addOption(durationOption('--window <duration>', 'all of them come within it', '1s'))
    .action(storm)
  withCosts(model.command('life').description('All workloads renew their leaves.'))
    .addOption(durationOption('--ttl <duration>', 'lifetime of leaves', '24h'))
    .addOption(new Option('--jitter <share>', 'of a life, to either side').argParser(parseJitter).default(0.1))
    .addOption(durationOption('--window <duration>', 'all of them began within it', '10m'))
    .addOption(durationOption('--duration <duration>', 'how long it is watched', '72h'))
    .action(life)
  model
    .command('tables')
    .description('The tables and charts of docs/scale.md.')
    .addOption(microsecondsOption())
    .option('--write', 'write them', false)
    .action(tables)
}

/** What a request costs a server, in microseconds: a duration as Go writes it has no room for fractions of a millisecond. */
const microsecondsOption = (): Option =>
  numberOption('--certify <microseconds>', 'processor time of a request', [0, 1e6, defaultCosts.certifyMs * 1000])

function withCosts(command: Command): Command {
  const { workloads, accounts, replicas, client } = defaultCosts
  return command
    .addOption(numberOption('--workloads <number>', 'in the mesh', [1, 1e9, workloads]))
    .addOption(numberOption('--accounts <number>', 'that they have', [1, 1e8, accounts]))
    .addOption(numberOption('--replicas <number>', 'identity servers', [1, 100_000, replicas]))
    .addOption(microsecondsOption())
    .addOption(durationOption('--review <duration>', 'what a token review takes', '5ms'))
    .addOption(numberOption('--qps <number>', 'token reviews of a server each second', [1, 1e6, client.perSecond]))
    .addOption(numberOption('--burst <number>', 'and at once', [1, 1e6, client.burst]))
    .addOption(numberOption('--api-rate <number>', 'reviews of the API server each second', [1, 1e9, 1e9]))
    .addOption(durationOption('--memory <duration>', 'how long a server remembers an answer', '10s'))
    .addOption(numberOption('--seed <number>', 'of everything random', [0, 2 ** 32 - 1, 1]))
    .option('--json', 'print one JSON object', false)
}

function parseJitter(text: string): number {
  const value = Number(text)
  if (text !== '' && value >= 0 && value <= 0.29) return value
  throw new InvalidArgumentError('expected a number from 0 to 0.29')
}

function costsOf(options: CostOptions): ModelCosts {
  const { workloads, accounts, replicas, certify, review, qps, burst, apiRate, memory, seed } = options
  const client = { perSecond: qps, burst }
  const times = { certifyMs: certify / 1000, reviewMs: review, memoryMs: memory }
  return { workloads, accounts, replicas, client, apiPerSecond: apiRate, seed, ...times }
}

function storm(options: CostOptions & { readonly tokens: TokenSharing; readonly window: number }): void {
  const model = { ...costsOf(options), tokens: options.tokens, windowMs: options.window }
  const forecast = forecastStorm(model)
  const text = textTable(stormForecastHeads, [stormForecastCells(model, forecast)])
  process.stdout.write(options.json ? `${JSON.stringify({ model, forecast })}\n` : `${text}\n`)
}

interface LifeOptions extends CostOptions {
  readonly ttl: number
  readonly jitter: number
  readonly window: number
  readonly duration: number
}

function life(options: LifeOptions): void {
  const { ttl: leafTtlMs, jitter, window: startWindowMs, duration: durationMs } = options
  const model = { ...costsOf(options), leafTtlMs, fraction: 0.7, jitter, startWindowMs, durationMs }
  const forecast = forecastLife(model)
  const text = textTable(lifeForecastHeads, [lifeForecastCells(model, forecast)])
  // The seconds are too many to print.
  const plain = { model, forecast: { ...forecast, perSecond: undefined } }
  process.stdout.write(options.json ? `${JSON.stringify(plain)}\n` : `${text}\n`)
}

async function tables({ certify, write }: { readonly certify: number; readonly write: boolean }): Promise<void> {
  const costs = { ...defaultCosts, certifyMs: certify / 1000, accounts: 20_000 }
  const progress = createProgress(performance.now())
  const tell = (what: string): void => progress.say(what)
  const storms = stormForecasts(costs, tell)
  const lives = lifeForecasts(costs, tell)
  process.stdout.write(`${textTable(stormForecastHeads, storms)}\n${textTable(lifeForecastHeads, lives)}\n`)
  if (!write) return
  const assumed = `Assumed: ${certify} µs of a core for a request, 5 ms for a review, seed ${costs.seed}.`
  await writeSection('model-storm', `${assumed}\n\n${markdownTable(stormForecastHeads, storms)}`)
  await writeSection('model-life', `${assumed}\n\n${markdownTable(lifeForecastHeads, lives)}`)
  await writeChart('storm-duration', stormChart(costs))
  await writeChart('herd', herdChart(costs))
  await writeChart('reviews', reviewsChart(costs))
}
