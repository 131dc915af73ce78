import type { Command } from 'commander'
import { createProgress } from '../figures/progress.ts'
import { machineLoad, provenance, type ScaleSection, writeSection } from '../figures/scale-page.ts'
import { formatBytes } from '../figures/storm-table.ts'
import { markdownTable, textTable } from '../figures/text-table.ts'
import { type IssuedCost, issuedCosts } from '../growth/issued-cost.ts'
import { type WheelCost, wheelCosts } from '../growth/wheel-cost.ts'
import { numberOption } from '../options.ts'
import { createOwnCertifier } from '../soak/own-certifier.ts'

interface Options {
  readonly most: number
  readonly json: boolean
  readonly write: boolean
}

const examples = `
Examples:
  $ main.ts issued                       1, 10, 100 … 1,000,000 certificates, less than a minute
  $ main.ts issued --most 10000000       ten times as many
  $ main.ts wheel                        1,000 … 1,000,000 identities on a wheel`

/** A table of costs, and where it is on the page. */
interface Growth {
  readonly section: ScaleSection
  readonly heads: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

const count = (value: number): string => value.toLocaleString('en')
const nanoseconds = (value: number): string => `${Number(value.toPrecision(3))} ns`

/** Adds `issued` and `wheel`: what each one costs as there are more of them. */
export function addGrowth(program: Command, signal: AbortSignal): void {
  withOptions(program.command('issued'), 1_000_000)
    .description('Certificates, one after the other in this process: what each costs after so many.')
    .action((options: Options) => issued(options, signal))
  withOptions(program.command('wheel'), 1_000_000)
    .description('Identities on the wheel of @meshid/refresh: what each costs among so many.')
    .action(wheel)
}

const withOptions = (command: Command, most: number): Command =>
  command
    .addOption(numberOption('--most <number>', 'where the powers of ten end', [1, 16_000_000, most]))
    .option('--json', 'print one JSON object', false)
    .option('--write', 'write the table into docs/scale.md', false)
    .addHelpText('after', examples)

/** Powers of ten up to a number, and the number. */
function powersTo(most: number, from = 1): readonly number[] {
  const powers: number[] = []
  for (let power = from; power < most; power *= 10) powers.push(power)
  return [...powers, most]
}

/** As many as there are CSRs that a server remembers a tenth of: renewals, not first requests. */
const PROXIES = 1000

async function issued(options: Options, signal: AbortSignal): Promise<void> {
  const machine = machineLoad()
  const progress = createProgress(performance.now())
  const certifier = await createOwnCertifier({ proxies: PROXIES, accounts: 200, profile: 'linkerd' })
  const costs: IssuedCost[] = []
  await issuedCosts(certifier, { marks: powersTo(options.most), proxies: PROXIES, signal }, (cost) => {
    costs.push(cost)
    progress.say(`${count(cost.issued)} issued, ${cost.cpuMicroseconds.toFixed(1)} µs each since the row before`)
  })
  const rows = costs.map(({ issued: total, cpuMicroseconds, perSecond, rssBytes }) => [
    count(total),
    `${Number(cpuMicroseconds.toPrecision(3))} µs`,
    count(Math.round(perSecond)),
    formatBytes(rssBytes),
  ])
  const heads = ['issued so far', 'CPU of each since the row before', 'a second', 'memory of the process']
  await tell(options, { section: 'issued', heads, rows }, { costs, source: provenanceOf(machine) })
}

async function wheel(options: Options): Promise<void> {
  const machine = machineLoad()
  const progress = createProgress(performance.now())
  const costs = wheelCosts(powersTo(options.most, 1000), (identities) =>
    progress.say(`${count(identities)} identities`),
  )
  const rows = costs.map(({ identities, insertNs, rescheduleNs, fireNs, cancelNs, bytes }) => [
    count(identities),
    ...[insertNs, rescheduleNs, fireNs, cancelNs].map(nanoseconds),
    formatBytes(bytes),
  ])
  const heads = ['identities', 'insert', 're-schedule', 'fire', 'cancel', 'memory']
  await tell(options, { section: 'wheel', heads, rows }, { costs, source: provenanceOf(machine) })
}

const provenanceOf = (machine: ReturnType<typeof machineLoad>): string =>
  provenance(process.argv.slice(2), { now: new Date(), machine })

async function tell(
  { json, write }: Options,
  { section, heads, rows }: Growth,
  { costs, source }: { readonly costs: readonly (IssuedCost | WheelCost)[]; readonly source: string },
): Promise<void> {
  process.stdout.write(json ? `${JSON.stringify({ costs })}\n` : `${textTable(heads, rows)}\n`)
  if (write) await writeSection(section, `${source}\n\n${markdownTable(heads, rows)}`)
}
