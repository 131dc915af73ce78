import { describeMachine } from './machine.ts'
import type { ProgramResult } from './result.ts'
import { formatRatio, verdictCells, verdictHeads } from './table.ts'
import type { Verdict } from './verdict.ts'

const BEGIN = '<!-- written by pnpm bench: begin -->'
const END = '<!-- written by pnpm bench: end -->'

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n')

function programSection({ title, outcomes, notes = [] }: ProgramResult): string {
  const rows = outcomes.map(({ name, microseconds, ratio }) => [name, microseconds.toPrecision(3), formatRatio(ratio)])
  return [`### ${title}`, table(['contender', 'µs of processor time', 'ratio'], rows), ...notes].join('\n\n')
}

/**
 * Puts the figures between the marks of docs/benchmarks.md and leaves the words around them alone.
 *
 * @throws Error when the page has no such marks
 */
export function renderPage(
  page: string,
  { verdicts, programs, now }: { verdicts: readonly Verdict[]; programs: readonly ProgramResult[]; now: Date },
): string {
  const [before, rest] = page.split(BEGIN)
  const after = rest?.split(END)[1]
  if (before === undefined || after === undefined) throw new Error(`expected ${BEGIN} and ${END} in docs/benchmarks.md`)
  const figures = [
    table(['where', ''], describeMachine(now)),
    table(verdictHeads, verdicts.map(verdictCells)),
    ...programs.map(programSection),
  ]
  return `${before}${BEGIN}\n\n${figures.join('\n\n')}\n\n${END}${after}`
}
