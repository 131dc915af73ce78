import type { Command } from 'commander'
import { createProgress } from '../figures/progress.ts'
import { steadyCells, steadyHeads } from '../figures/steady-table.ts'
import { durationOption, type FleetOptions, withFleetOptions } from '../options.ts'
import { openWorld } from '../scenarios/open-world.ts'
import { runSteady, type SteadyResult } from '../scenarios/steady.ts'
import { issuerFiles } from '../server/server-mounts.ts'
import { createPrinter } from './print.ts'

interface Options extends FleetOptions {
  readonly ttl: number
  readonly duration: number
}

const examples = `
Examples:
  $ main.ts steady                                       2,000 proxies with leaves of 10 s, for 30 s
  $ main.ts steady --proxies 10000 --ttl 20s --duration 2m
  $ main.ts issuer-swap --proxies 5000                   the issuer's Secret is flipped in the middle

Exit codes: 0 nobody failed and no leaf expired, 1 somebody did, 130 stopped by Ctrl-C.`

/** The name of the second issuer. */
const NEXT_ISSUER = 'identity-2.linkerd.cluster.local'

/** Adds `steady`, a fleet that renews its leaves, and `issuer-swap`, in which their issuer changes meanwhile. */
export function addSteady(program: Command, signal: AbortSignal): void {
  const steady = program.command('steady').description('The fleet renews short leaves at 60 to 80 % of their life.')
  addLife(steady).action((options: Options) => live(options, { swaps: false, signal }))
  const swap = program.command('issuer-swap').description('The same, and in the middle the issuer is another one.')
  addLife(swap).action((options: Options) => live(options, { swaps: true, signal }))
}

function addLife(command: Command): Command {
  return withFleetOptions(command, { proxies: 2000, connections: 200 })
    .addOption(durationOption('--ttl <duration>', 'lifetime of leaves, whole seconds', '10s'))
    .addOption(durationOption('--duration <duration>', 'of the run', '30s'))
    .addHelpText('after', examples)
}

async function live(options: Options, { swaps, signal }: { swaps: boolean; signal: AbortSignal }): Promise<void> {
  const printer = createPrinter<SteadyResult & { readonly title: string }>(options)
  const progress = createProgress(performance.now())
  const { reviewDelay: reviewDelayMs, reviewRate: reviewsPerSecond, ttl: ttlMs, duration: durationMs } = options
  const { connections, deadline: deadlineMs, seed, serverFlag: flags } = options
  await using world = await openWorld({ ...options, reviewDelayMs, reviewsPerSecond }, progress)
  const swap = async (): Promise<void> => {
    const next = await world.mounts.ca.anotherIssuer(NEXT_ISSUER)
    await world.mounts.issuer.update(issuerFiles(next.pem, next.key.toPkcs8Pem()))
  }
  const run = { connections, deadlineMs, ttlMs, durationMs, seed, flags, signal }
  const result = await runSteady(world, swaps ? { ...run, inTheMiddle: swap } : run, progress)
  const title = `${options.proxies} proxies with leaves of ${ttlMs / 1000} s: from being due to being certified`
  const section = swaps ? 'issuer-swap' : 'steady'
  await printer.print([{ title, ...result }], { section, heads: steadyHeads, cells: steadyCells })
  const allNew = !swaps || result.issuers.some(({ issuer }) => issuer === NEXT_ISSUER)
  process.exitCode = result.expired === 0 && Object.keys(result.refused).length === 0 && allNew ? 0 : 1
}
