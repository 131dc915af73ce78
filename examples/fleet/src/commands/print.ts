import { writeFile } from 'node:fs/promises'
import { latencySvg, latencyText } from '../figures/latency-chart.ts'
import type { LatencySummary } from '../figures/latencies.ts'
import { textTable } from '../figures/text-table.ts'
import type { FleetOptions } from '../options.ts'

/** One run, as it is told. */
export interface Told {
  readonly title: string
  readonly latency: LatencySummary
  readonly latenciesMs: readonly number[]
}

/** What a command has to tell. */
export interface Telling<Result extends Told> {
  readonly heads: readonly string[]
  readonly cells: (result: Result) => readonly string[]
}

/** Prints results as a table with a histogram for each, or as JSON, and writes the first histogram as SVG if asked to. */
export async function print<Result extends Told>(
  results: readonly Result[],
  { json, svg }: Pick<FleetOptions, 'json' | 'svg'>,
  { heads, cells }: Telling<Result>,
): Promise<void> {
  const charts = results.map(({ title, latenciesMs, latency }) => `\n${title}\n${latencyText(latenciesMs, latency)}\n`)
  const text = [textTable(heads, results.map(cells)), ...charts].join('\n')
  // The latencies are many, and their histogram says it all.
  const plain = results.map((result) => ({ ...result, latenciesMs: undefined }))
  process.stdout.write(json ? `${JSON.stringify({ runs: plain })}\n` : `${text}\n`)
  const [first] = results
  if (svg !== undefined && first !== undefined) await writeFile(svg, latencySvg(first.title, first.latenciesMs))
}
