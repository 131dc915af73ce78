import type { ProcessUsage } from '../server/process-usage.ts'
import type { StormResult } from '../scenarios/storm.ts'
import { formatMs } from './latency-chart.ts'

/** The heads of a table of storms. */
export const stormHeads: readonly string[] = [
  'variant',
  'certified',
  'until all were',
  "Linkerd's reviews",
  'p50',
  'p99',
  'max',
  'reviews',
  'retries',
  'refused',
  'CPU',
  'peak memory',
]

/** The cells of one storm, the same on a terminal and on a page. */
export function stormCells(result: StormResult): readonly string[] {
  const { variant, certified, totalMs, latency, reviews, retries, refused, usage, linkerdMs } = result
  return [
    variant,
    String(certified),
    formatMs(totalMs),
    formatMs(linkerdMs),
    formatMs(latency.p50Ms),
    formatMs(latency.p99Ms),
    formatMs(latency.maxMs),
    String(reviews),
    String(retries),
    refusedText(refused),
    ...usageCells(usage),
  ]
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
