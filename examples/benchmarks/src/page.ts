import type { Machine } from './machine.ts'
import { type ProfileParts, profileParts } from './profile-section.ts'
import { PROCESSOR_TIME, type ProgramResult } from './result.ts'
import { formatRatio, verdictCells, verdictHeads } from './table.ts'
import type { Verdict } from './verdict.ts'

const BEGIN = '<!-- written by pnpm bench: begin -->'
const END = '<!-- written by pnpm bench: end -->'

/** A table whose columns are as wide as their widest cell, as the formatter of the repository writes them. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((cells) => cells[column]?.length ?? 0)))
  const row = (cells: readonly string[], fill = ' '): string =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width, fill)).join(' | ')} |`
  return [row(head), row([], '-'), ...rows.map((cells) => row(cells))].join('\n')
}

function programSection(result: ProgramResult): string {
  const { title, unit = PROCESSOR_TIME, outcomes, notes = [] } = result
  const profile = profileParts(result)
  const rows = (profile?.whole ?? outcomes).map(({ name, amount, ratio }) => [
    name,
    formatRatio(amount),
    formatRatio(ratio),
  ])
  const named = profile === undefined ? [] : [profileTable(profile, unit)]
  return [`### ${title}`, table(['contender', unit, 'ratio'], rows), ...named, ...notes].join('\n\n')
}

/** The functions of a profile that are not OpenSSL's. */
function profileTable({ named }: ProfileParts, unit: string): string {
  const rows = named.map(({ name, amount, ratio }, index) => [
    String(index + 1),
    name,
    formatRatio(amount),
    `${formatRatio(ratio * 100)} %`,
  ])
  return [`#### The top ${named.length} of the rest`, table(['rank', 'function', unit, 'of the busy time'], rows)].join(
    '\n\n',
  )
}

/**
 * Puts the figures between the marks of docs/benchmarks.md and leaves the words around them alone.
 *
 * @throws Error when the page has no such marks
 */
export function renderPage(
  page: string,
  {
    verdicts,
    programs,
    machine,
  }: { verdicts: readonly Verdict[]; programs: readonly ProgramResult[]; machine: Machine },
): string {
  const [before, rest] = page.split(BEGIN)
  const after = rest?.split(END)[1]
  if (before === undefined || after === undefined) throw new Error(`expected ${BEGIN} and ${END} in docs/benchmarks.md`)
  const figures = [
    table(['where', ''], machine),
    table(verdictHeads, verdicts.map(verdictCells)),
    ...programs.map(programSection),
  ]
  return `${before}${BEGIN}\n\n${figures.join('\n\n')}\n\n${END}${after}`
}
