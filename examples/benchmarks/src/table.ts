import Table from 'cli-table3'
import colors from 'picocolors'
import { PROCESSOR_TIME, type ProgramResult } from './result.ts'
import type { Verdict } from './verdict.ts'

const figures = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 })

/** A ratio as people read it: 1.14, 0.23, 342. */
export function formatRatio(value: number): string {
  return figures.format(value)
}

/** The cells of one verdict, the same on a terminal and on a page. */
export function verdictCells({ target, measured, spread, ok }: Verdict): readonly string[] {
  const sign = target.better === 'lower' ? '≤' : '≥'
  return [
    target.id,
    target.what,
    ok === undefined ? `no ${target.needs ?? 'value'} here` : `${formatRatio(measured)} ± ${formatRatio(spread)}`,
    `${sign} ${formatRatio(target.must)}`,
    formatRatio(target.stretch),
    wordFor(ok),
  ]
}

function wordFor(ok: boolean | undefined): string {
  if (ok === undefined) return 'absent'
  return ok ? 'yes' : 'no'
}

export const verdictHeads: readonly string[] = ['target', 'what', 'measured', 'must', 'stretch', 'ok']

/** The table for a terminal. */
export function verdictTable(verdicts: readonly Verdict[]): string {
  const table = new Table({ head: [...verdictHeads], style: { head: [], border: [] } })
  for (const verdict of verdicts) {
    const cells = verdictCells(verdict)
    const paint = verdict.ok === false ? colors.red : colors.green
    table.push([...cells.slice(0, -1), paint(cells.at(-1) ?? '')])
  }
  return table.toString()
}

/** What a program compared, a line for each contender. */
export function outcomeLines({ title, unit = PROCESSOR_TIME, outcomes, notes = [] }: ProgramResult): string {
  const lines = outcomes.map(
    ({ name, amount, ratio }) => `  ${formatRatio(ratio).padStart(9)} ×  ${formatRatio(amount).padStart(9)}  ${name}`,
  )
  return [`${title} (${unit})`, ...lines, ...notes.map((note) => `  ${note}`)].join('\n')
}
