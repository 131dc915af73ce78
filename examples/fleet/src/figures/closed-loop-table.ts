import type { ClosedLoopResult } from '../scenarios/closed-loop.ts'
import { formatMs } from './latency-chart.ts'
import { formatBytes } from './storm-table.ts'

/** The heads of a table of closed loops. */
export const closedLoopHeads: readonly string[] = [
  'connections',
  'requests a second',
  'p50',
  'p99',
  'CPU a request',
  'opening all',
  'memory',
  'memory a connection',
]

/** The cells of one run, the same on a terminal and on a page. */
export function closedLoopCells(result: ClosedLoopResult): readonly string[] {
  const { connections, perSecond, latency, cpuPerRequestMs, openMs, rssBytes, rssPerConnectionBytes } = result
  return [
    String(connections),
    perSecond.toFixed(0),
    formatMs(latency.p50Ms),
    formatMs(latency.p99Ms),
    cpuPerRequestMs === undefined ? '-' : formatMs(cpuPerRequestMs),
    formatMs(openMs),
    rssBytes === undefined ? '-' : formatBytes(rssBytes),
    rssPerConnectionBytes === undefined ? '-' : formatBytes(rssPerConnectionBytes),
  ]
}
