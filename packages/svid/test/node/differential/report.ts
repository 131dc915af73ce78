import type { ForgedChain } from '@meshid/testkit'
import type { Judge } from './judges.ts'
import type { Verdict } from './verdict.ts'

/** What a judge said of all chains. */
export interface Opinion {
  readonly judge: Judge
  readonly verdicts: readonly Verdict[]
}

/** Verdicts by judge, then for each kind of chain who says the contrary of what it deserves. */
export function report(chains: readonly ForgedChain[], opinions: readonly Opinion[]): string {
  const rows = opinions.map(({ judge, verdicts }) => {
    const counted = chains.map((chain, at) => `${chain[judge.kind]} ${verdicts[at]?.accepted === true}`)
    const count = (name: string): string => String(counted.filter((each) => each === name).length)
    const verdictCounts = ['accept true', 'refuse false', 'accept false', 'refuse true'].map(count)
    return [judge.name, judge.kind, ...verdictCounts]
  })
  const head = ['judge', 'of', 'accepted', 'refused', 'refused though good', 'accepted though bad']
  return [...table([head, ...rows]), '', ...byLabel(chains, opinions)].join('\n')
}

function byLabel(chains: readonly ForgedChain[], opinions: readonly Opinion[]): readonly string[] {
  const rows = new Map<string, Map<string, number>>()
  for (const { judge, verdicts } of opinions) {
    for (const [at, chain] of chains.entries()) {
      if (verdicts[at]?.accepted === (chain[judge.kind] === 'accept')) continue
      const name = `${judge.name} ${verdicts[at]?.accepted === true ? 'accepts' : 'refuses'}`
      const row = rows.get(chain.label) ?? new Map<string, number>()
      rows.set(chain.label, row.set(name, (row.get(name) ?? 0) + 1))
    }
  }
  const lines = [...rows]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([label, row]) => {
      return [label, [...row].map(([name, count]) => `${name} ${count}`).join(', ')]
    })
  return table([['chain', 'contrary to what it deserves'], ...lines])
}

function table(rows: readonly (readonly string[])[]): readonly string[] {
  const width = (column: number): number => Math.max(...rows.map((row) => row[column]?.length ?? 0))
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(width(column)))
      .join('  ')
      .trimEnd(),
  )
}
