import Table from 'cli-table3'
import { spiffeIdOf, voting, web } from './pods.ts'
import { issuersSeen, type ProxyRecord, rotations } from './record.ts'
import type { TrafficCount } from './traffic.ts'

/** The outcome in figures, and what fell short. */
export interface Summary {
  readonly requests: number
  readonly failures: number
  readonly longestPauseMs: number
  readonly rotations: Readonly<Record<string, number>>
  readonly issuers: readonly string[]
  /** The server's SPIFFE ID as the client's live TLS connection showed it. */
  readonly peer: string
  /** Empty when all is well. */
  readonly shortfalls: readonly string[]
}

/** What is judged. */
export interface Evidence {
  readonly web: ProxyRecord
  readonly voting: ProxyRecord
  readonly traffic: TrafficCount
  /** How often each proxy had to rotate. */
  readonly wanted: number
}

/** Judges what was seen. */
export function judge({ web: asking, voting: answering, traffic, wanted }: Evidence): Summary {
  const issuers = [...new Set([asking, answering].flatMap((record) => [...issuersSeen(record)]))]
  const counted = { [web.name]: rotations(asking), [voting.name]: rotations(answering) }
  const peer = [...asking.peers].join(', ')
  const shortfalls = [
    ...[...traffic.reasons].map(([reason, times]) => `${times} requests failed: ${reason}`),
    ...(traffic.requests === 0 ? ['no request was sent'] : []),
    ...Object.entries(counted).flatMap(([name, n]) =>
      n < wanted ? [`${name}: expected ${wanted} rotations, found ${n}`] : [],
    ),
    ...(issuers.length < 2 ? [`expected 2 issuers, found ${issuers.length}`] : []),
    ...(peer === spiffeIdOf(voting) ? [] : [`expected the peer ${spiffeIdOf(voting)}, found ${peer || 'none'}`]),
  ]
  const { requests, failures, longestPauseMs } = traffic
  return {
    requests,
    failures,
    longestPauseMs: Math.round(longestPauseMs),
    rotations: counted,
    issuers,
    peer,
    shortfalls,
  }
}

/** The table at the end. */
export function formatSummary(summary: Summary): string {
  const table = new Table({ style: { head: [], border: [] } })
  table.push(
    { requests: String(summary.requests) },
    { failures: String(summary.failures) },
    { 'longest pause': `${summary.longestPauseMs} ms` },
    ...Object.entries(summary.rotations).map(([name, n]) => ({ [`rotations of ${name}`]: String(n) })),
    { 'issuers seen': summary.issuers.join('\n') },
    { 'peer on live mTLS': summary.peer },
  )
  return table.toString()
}
