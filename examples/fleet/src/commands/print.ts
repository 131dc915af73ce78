import { writeFile } from 'node:fs/promises'
import { latencySvg, latencyText } from '../figures/latency-chart.ts'
import type { LatencySummary } from '../figures/latencies.ts'
import { machineLoad, provenance, type ScaleSection, writeChart, writeSection } from '../figures/scale-page.ts'
import { markdownTable, textTable } from '../figures/text-table.ts'
import type { FleetOptions } from '../options.ts'

/** One run, as it is told. */
export interface Told {
  readonly title: string
  readonly latency: LatencySummary
  readonly latenciesMs: readonly number[]
}

/** How results are told. */
export interface Telling<Result> {
  /** Where they are in docs/scale.md. */
  readonly section: ScaleSection
  readonly heads: readonly string[]
  readonly cells: (result: Result) => readonly string[]
}

/** Tells the results of a command. */
export interface Printer<Result extends Told> {
  print(results: readonly Result[], telling: Telling<Result>): Promise<void>
}

/**
 * Makes the printer of a run that begins now: a table with a histogram for each result, or JSON; and, if they were asked for, the
 * first histogram as SVG, and the table in docs/scale.md.
 */
export function createPrinter<Result extends Told>({
  json,
  svg,
  write,
}: Pick<FleetOptions, 'json' | 'svg' | 'write'>): Printer<Result> {
  const machine = machineLoad()
  return {
    async print(results, { section, heads, cells }) {
      const rows = results.map(cells)
      process.stdout.write(json ? resultsJson(results) : `${textTable(heads, rows)}\n${histograms(results)}`)
      const [first] = results
      const chart = first === undefined ? undefined : latencySvg(first.title, first.latenciesMs)
      if (svg !== undefined && chart !== undefined) await writeFile(svg, chart)
      if (!write) return
      const source = provenance(process.argv.slice(2), { now: new Date(), machine })
      await writeSection(section, `${source}\n\n${markdownTable(heads, rows)}`)
      if (chart !== undefined) await writeChart(section, chart)
    },
  }
}

/** The latencies are many, and their summary says it all. */
function resultsJson(results: readonly Told[]): string {
  return `${JSON.stringify({ runs: results.map((result) => ({ ...result, latenciesMs: undefined })) })}\n`
}

function histograms(results: readonly Told[]): string {
  return results.map(({ title, latenciesMs, latency }) => `\n${title}\n${latencyText(latenciesMs, latency)}\n`).join('')
}
