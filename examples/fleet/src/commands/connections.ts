import { type Command, InvalidArgumentError, Option } from 'commander'
import { closedLoopCells, closedLoopHeads } from '../figures/closed-loop-table.ts'
import { createProgress, type Progress } from '../figures/progress.ts'
import { type FleetOptions, numberOption, whole, withFleetOptions } from '../options.ts'
import { type ClosedLoopResult, runClosedLoop } from '../scenarios/closed-loop.ts'
import { openWorld } from '../scenarios/open-world.ts'
import { openFilesLimit } from '../server/open-files-limit.ts'
import { machineLoad, provenance, writeSection } from '../figures/scale-page.ts'
import { markdownTable, textTable } from '../figures/text-table.ts'

interface Options extends FleetOptions {
  readonly steps: readonly number[]
  readonly requests: number
  readonly inFlight: number
}

const examples = `
Examples:
  $ main.ts connections                      1, 10, 100, 1,000 and 10,000 connections (see ulimit -n)
  $ main.ts connections --steps 1,1000 --requests 100000

Exit codes: 0 done, 1 something failed, 130 stopped by Ctrl-C.`

/** Adds `connections`: the cost of a request as connections become more. */
export function addConnections(program: Command, signal: AbortSignal): void {
  withFleetOptions(program.command('connections'), { proxies: 1000, connections: 1 })
    .description('As many requests as the server can answer, over more and more connections; --connections is ignored.')
    .addOption(
      new Option('--steps <numbers>', 'connections of each run')
        .argParser(parseSteps)
        .default([1, 10, 100, 1000, 10_000]),
    )
    .addOption(numberOption('--requests <number>', 'of each run', [100, 100_000_000, 10_000]))
    .addOption(numberOption('--in-flight <number>', 'requests at any time', [1, 10_000, 64]))
    .addHelpText('after', examples)
    .action((options: Options) => connections(options, signal))
}

/** Files that a process opens beside its connections. */
const SPARE_FILES = 200

function parseSteps(text: string): readonly number[] {
  const steps = text.split(',').map(whole(1, 60_000))
  if (steps.length === 0) throw new InvalidArgumentError('expected at least one number')
  return steps
}

async function connections(options: Options, signal: AbortSignal): Promise<void> {
  const machine = machineLoad()
  const progress = createProgress(performance.now())
  const { reviewDelay: reviewDelayMs, reviewRate: reviewsPerSecond, requests, inFlight } = options
  const steps = possibleSteps(options.steps, progress)
  const { deadline: deadlineMs, serverFlag: flags } = options
  // Each connection is of a proxy at least, or not all of them would be used.
  const proxies = Math.max(options.proxies, ...steps)
  await using world = await openWorld({ ...options, proxies, reviewDelayMs, reviewsPerSecond }, progress)
  const results: ClosedLoopResult[] = []
  for (const count of steps) {
    const run = { connections: count, inFlight, requests, deadlineMs, flags, signal }
    results.push(await runClosedLoop(world, run, progress))
  }
  const rows = results.map(closedLoopCells)
  process.stdout.write(
    options.json ? `${JSON.stringify({ runs: results })}\n` : `${textTable(closedLoopHeads, rows)}\n`,
  )
  if (!options.write) return
  const source = provenance(process.argv.slice(2), { now: new Date(), machine })
  await writeSection('connections', `${source}\n\n${markdownTable(closedLoopHeads, rows)}`)
}

/** As many connections as the system allows: each is an open file of this process, and one of the server's, which has the same limit. */
function possibleSteps(wanted: readonly number[], progress: Progress): readonly number[] {
  const most = openFilesLimit() - SPARE_FILES
  const steps = [...new Set(wanted.map((step) => Math.min(step, Math.max(1, most))))]
  if (steps.length < wanted.length || steps.some((step, index) => step !== wanted[index])) {
    progress.say(
      `no more than ${most} connections, because a process may open ${most + SPARE_FILES} files: see ulimit -n`,
    )
  }
  return steps
}
