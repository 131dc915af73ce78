import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { createProgress } from '../figures/progress.ts'

interface Options {
  readonly write: boolean
  readonly long: boolean
  readonly only?: string
}

/** The runs of docs/scale.md, in its order. */
const runs: readonly (readonly string[])[] = [
  ['storm', '--variants', 'default,no-memory,no-precheck,pod-tokens'],
  ['rolling'],
  ['steady'],
  ['issuer-swap'],
  ['connections'],
  ['issued'],
  ['wheel'],
  ['soak'],
  ['soak', '--in-process', '--requests', '1000000'],
]

/** What replaces the runs of the same name for `--long`. */
const longRuns: readonly (readonly string[])[] = [
  ['issued', '--most', '10000000'],
  ['soak', '--requests', '10000000'],
  ['soak', '--in-process', '--requests', '10000000'],
]

const examples = `
Examples:
  $ main.ts all                      every scenario, some ten minutes on two quiet cores
  $ main.ts all --write              and write their tables and charts into docs/scale.md
  $ main.ts all --only issued,wheel  some of them
  $ main.ts all --long --write       with ten million certificates and requests: more than an hour

The model is apart, because it does not depend on the machine: main.ts model tables --write.

Exit codes: 0 every run did what it should, 1 one did not (the others ran), 130 stopped by Ctrl-C.`

/** Adds `all`: every scenario in turn, each in a process of its own, with its defaults. */
export function addAll(program: Command, signal: AbortSignal): void {
  program
    .command('all')
    .description('Every scenario of docs/scale.md that is measured, one after the other.')
    .option('--write', 'write the tables and charts into docs/scale.md', false)
    .option('--long', 'with ten million certificates and requests', false)
    .option('--only <names>', 'these commands only')
    .addHelpText('after', examples)
    .action((options: Options) => all(options, signal))
}

async function all({ write, long, only }: Options, signal: AbortSignal): Promise<void> {
  const progress = createProgress(performance.now())
  const isReplaced = ([name]: readonly string[]): boolean => long && longRuns.some(([other]) => other === name)
  const list = [...runs.filter((run) => !isReplaced(run)), ...(long ? longRuns : [])]
  const chosen = list.filter(([name = '']) => only === undefined || only.split(',').includes(name))
  if (chosen.length === 0)
    throw new Error(`--only: expected some of ${[...new Set(list.map(([name]) => name))].join(', ')}`)
  const failed: string[] = []
  for (const [index, run] of chosen.entries()) {
    signal.throwIfAborted()
    const name = run.join(' ')
    progress.say(`${index + 1} of ${chosen.length}: ${name}`)
    if (!(await succeeds([...run, ...(write ? ['--write'] : [])]))) failed.push(name)
  }
  progress.say(failed.length === 0 ? 'all done' : `not as they should: ${failed.join('; ')}`)
  process.exitCode = failed.length === 0 ? 0 : 1
}

/** A process of its own, so that no scenario leaves anything to the next one. */
async function succeeds(args: readonly string[]): Promise<boolean> {
  const main = fileURLToPath(new URL('../main.ts', import.meta.url))
  const child = spawn(process.execPath, [...process.execArgv, main, ...args], { stdio: 'inherit' })
  await once(child, 'close')
  return child.exitCode === 0
}
