import type { ProcessUsage } from '../server/process-usage.ts'
import type { StormResult } from '../scenarios/storm.ts'
import { formatMs } from './latency-chart.ts'

/** A column of a table of storms. */
interface StormColumn {
  readonly head: string
  readonly cell: (result: StormResult) => string
  /** Means something only where all come at once. */
  readonly stormOnly?: boolean
}

const columns: readonly StormColumn[] = [
  { head: 'variant', cell: ({ variant }) => variant },
  { head: 'certified', cell: ({ certified }) => String(certified) },
  { head: 'until all were', cell: ({ totalMs }) => formatMs(totalMs) },
  { head: "Linkerd's reviews", cell: ({ linkerdMs }) => formatMs(linkerdMs), stormOnly: true },
  { head: 'p50', cell: ({ latency }) => formatMs(latency.p50Ms) },
  { head: 'p99', cell: ({ latency }) => formatMs(latency.p99Ms) },
  { head: 'max', cell: ({ latency }) => formatMs(latency.maxMs) },
  { head: 'reviews', cell: ({ reviews }) => String(reviews) },
  { head: 'retries', cell: ({ retries }) => String(retries) },
  { head: 'refused', cell: ({ refused }) => refusedText(refused) },
  { head: 'CPU', cell: ({ usage }) => (usage === undefined ? '-' : formatMs(usage.cpuMs)) },
  { head: 'peak memory', cell: ({ usage }) => (usage === undefined ? '-' : formatBytes(usage.peakRssBytes)) },
]

/** How a table tells results. */
export interface StormTable {
  readonly heads: readonly string[]
  readonly cells: (result: StormResult) => readonly string[]
}

/** The table of storms or of deployments, the same on a terminal and on a page. */
export function stormTable(section: 'storm' | 'rolling'): StormTable {
  const shown = columns.filter(({ stormOnly = false }) => section === 'storm' || !stormOnly)
  return {
    heads: shown.map(({ head }) => head),
    cells: (result) => shown.map(({ cell }) => cell(result)),
  }
}

/** `0`, or each status with its number. */
export function refusedText(refused: Readonly<Record<string, number>>): string {
  const entries = Object.entries(refused)
  return entries.length === 0 ? '0' : entries.map(([status, times]) => `${times} ${status}`).join(', ')
}

/** Processor time and the most memory of a server. */
export function usageCells(usage: ProcessUsage | undefined): readonly string[] {
  if (usage === undefined) return ['-', '-']
  return [formatMs(usage.cpuMs), formatBytes(usage.peakRssBytes)]
}

/** Bytes as people read them. */
export const formatBytes = (bytes: number): string =>
  bytes < 2 ** 20 ? `${Math.round(bytes / 1024)} KiB` : `${Math.round(bytes / 2 ** 20)} MiB`
