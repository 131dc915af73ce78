import { readFile, writeFile } from 'node:fs/promises'
import { describeMachine } from './machine.ts'
import { parseOptions } from './options.ts'
import { renderPage } from './page.ts'
import type { ProgramResult } from './result.ts'
import { runProgram } from './run-program.ts'
import { outcomeLines, verdictTable } from './table.ts'
import { type Target, targets } from './targets.ts'
import { judge, type Verdict } from './verdict.ts'

const pageUrl = new URL('../../../docs/benchmarks.md', import.meta.url)
const machine = describeMachine(new Date())
const options = parseOptions(process.argv.slice(2))
const chosen = targets.filter(({ id }) => options.only === undefined || options.only.includes(id.split(' ')[0] ?? id))
if (chosen.length === 0) {
  process.stderr.write(`--only: expected some of ${targets.map(({ id }) => id).join(', ')}\n`)
  process.exit(2)
}

const begun = performance.now()
const seconds = (from = begun): string => `${((performance.now() - from) / 1000).toFixed(0)} s`
const tell = (text: string): void => void process.stderr.write(`${seconds().padStart(5)}  ${text}\n`)

/** Runs one program as often as asked for; tells of its last run at once, because all of them together take minutes. */
async function measure(program: string): Promise<readonly ProgramResult[]> {
  const runs: ProgramResult[] = []
  const from = performance.now()
  for (let run = 1; run <= options.runs; run++) {
    tell(`${program}, run ${run} of ${options.runs} …`)
    runs.push(await runProgram(program))
  }
  tell(`${program} took ${seconds(from)}`)
  const last = runs.at(-1)
  if (last && !options.json) process.stdout.write(`\n${outcomeLines(last)}\n\n`)
  return runs
}

const verdicts: Verdict[] = []
const programs: ProgramResult[] = []
for (const program of new Set(chosen.map((target: Target) => target.program))) {
  const runs = await measure(program)
  const last = runs.at(-1)
  if (last) programs.push(last)
  for (const target of chosen) if (target.program === program) verdicts.push(judge(target, runs))
}
verdicts.sort((one, other) => targets.indexOf(one.target) - targets.indexOf(other.target))
const where = machine.map(([what, value]) => `${what}: ${value}`).join(' · ')
process.stdout.write(
  options.json
    ? `${JSON.stringify({ machine: Object.fromEntries(machine), verdicts, programs })}\n`
    : `${verdictTable(verdicts)}\n${where}\n`,
)
if (options.write) {
  await writeFile(pageUrl, renderPage(await readFile(pageUrl, 'utf8'), { verdicts, programs, machine }))
}
process.exitCode = verdicts.every(({ ok }) => ok !== false) ? 0 : 1
