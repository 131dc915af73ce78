import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { createProgress, type Progress } from '../figures/progress.ts'
import { machineLoad, provenance, writeChart, writeSection } from '../figures/scale-page.ts'
import { growthHeads, growthRows, heapHeads, heapRows, soakSvg, soakText } from '../figures/soak-report.ts'
import { markdownTable, textTable } from '../figures/text-table.ts'
import { type FleetOptions, numberOption, withFleetOptions } from '../options.ts'
import { openWorld } from '../scenarios/open-world.ts'
import { runSoak, type SoakResult } from '../soak/run-soak.ts'
import { type SoakSubject, startOwnSubject, startServerSubject } from '../soak/soak-subject.ts'

interface Options extends FleetOptions {
  readonly requests: number
  readonly warmUp: number
  readonly fresh: number
  readonly inFlight: number
  readonly inProcess: boolean
}

const examples = `
Examples:
  $ main.ts soak                                         200,000 calls to a real server, some two minutes
  $ main.ts soak --requests 10000000                     an hour of a busy cluster
  $ main.ts soak --in-process --requests 10000000        the certifier alone, without sockets, in minutes

Exit codes: 0 resident memory was flat within 5 %, 1 it grew or something failed, 130 stopped by Ctrl-C.`

/** Adds `soak`: does memory grow with the number of requests? */
export function addSoak(program: Command, signal: AbortSignal): void {
  withFleetOptions(program.command('soak'), { proxies: 13_000, connections: 4 })
    .description(
      'One server under load for long: its memory over the requests, and what its heap holds before and after.',
    )
    .addOption(numberOption('--requests <number>', 'that count', [200, 1_000_000_000, 200_000]))
    .addOption(numberOption('--warm-up <number>', 'before them, beside one of each proxy', [0, 10_000_000, 20_000]))
    .addOption(numberOption('--fresh <percent>', 'requests whose CSR is forgotten by then', [0, 100, 10]))
    .addOption(numberOption('--in-flight <number>', 'requests at any time', [1, 10_000, 64]))
    .option('--in-process', 'the certifier in this process: no sockets, no log, no token reviews', false)
    .addHelpText('after', examples)
    .action((options: Options) => soak(options, signal))
}

async function soak(options: Options, signal: AbortSignal): Promise<void> {
  const machine = machineLoad()
  const progress = createProgress(performance.now())
  const result = await watch(options, progress, signal)
  const { rss, samples, requests, totalMs, heap } = result
  const what = options.inProcess ? 'the certifier in its own process' : 'the identity server'
  const title = `${what}: memory over ${requests.toLocaleString('en')} requests`
  const rate = `${Math.round((requests * 1000) / totalMs).toLocaleString('en')} requests a second, ${options.fresh} % of them with a CSR that was forgotten.`
  const [growth, changes] = [growthRows(result), heapRows(heap)]
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ ...result, title })}\n`
      : `${title}\n${soakText(samples)}\n${textTable(growthHeads, growth)}\n${textTable(heapHeads, changes)}\n${rate}\n`,
  )
  if (options.svg !== undefined) await writeFile(options.svg, soakSvg(title, samples))
  if (options.write) {
    const section = options.inProcess ? 'soak-in-process' : 'soak'
    const source = provenance(process.argv.slice(2), { now: new Date(), machine })
    const parts = [source, rate, markdownTable(growthHeads, growth), markdownTable(heapHeads, changes)]
    await writeSection(section, parts.join('\n\n'))
    await writeChart(section, soakSvg(title, samples))
  }
  process.exitCode = rss.isFlat ? 0 : 1
}

async function watch(options: Options, progress: Progress, signal: AbortSignal): Promise<SoakResult> {
  const folder = await mkdtemp(join(tmpdir(), 'meshid-soak-'))
  const run = (start: () => Promise<SoakSubject>): Promise<SoakResult> =>
    runSoak(start, { ...options, folder, signal }, progress)
  try {
    if (options.inProcess) return await run(() => startOwnSubject({ ...options, signal }))
    const { reviewDelay: reviewDelayMs, reviewRate: reviewsPerSecond } = options
    await using world = await openWorld({ ...options, reviewDelayMs, reviewsPerSecond }, progress)
    return await run(() => startServerSubject(world, { ...options, signal }))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
