import type { IssuerCount } from '../scenarios/fleet-life.ts'
import type { SteadyResult } from '../scenarios/steady.ts'
import { formatMs } from './latency-chart.ts'
import { refusedText, usageCells } from './storm-table.ts'

/** The heads of a table of steady runs. */
export const steadyHeads: readonly string[] = [
  'proxies',
  'leaves live',
  'certified',
  'a second',
  'p50',
  'p99',
  'max',
  'reviews',
  'refused',
  'expired',
  'leaves by issuer',
  'CPU',
  'peak memory',
]

/** The cells of one run, the same on a terminal and on a page. */
export function steadyCells(result: SteadyResult): readonly string[] {
  const { proxies, ttlMs, certified, perSecond, latency, reviews, refused, expired, issuers, usage, middleMs } = result
  return [
    String(proxies),
    formatMs(ttlMs),
    String(certified),
    perSecond.toFixed(0),
    formatMs(latency.p50Ms),
    formatMs(latency.p99Ms),
    formatMs(latency.maxMs),
    String(reviews),
    refusedText(refused),
    String(expired),
    issuers.map((count) => issuerText(count, middleMs)).join('; '),
    ...usageCells(usage),
  ]
}

/** How many leaves, and after a swap when the first of the new issuer came, or the last of the old one. */
function issuerText({ issuer, leaves, firstMs, lastMs }: IssuerCount, swapMs: number | undefined): string {
  const [label = issuer] = issuer.split('.')
  if (swapMs === undefined) return `${leaves} ${label}`
  const edge =
    firstMs > swapMs ? `first ${formatMs(firstMs - swapMs)}` : `last ${formatMs(Math.max(0, lastMs - swapMs))}`
  return `${leaves} ${label} (${edge} after the swap)`
}
