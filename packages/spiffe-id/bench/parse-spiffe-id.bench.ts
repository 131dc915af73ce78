import { isSpiffeId, parseSpiffeId } from '@meshid/spiffe-id'
import { expect, test } from 'vitest'

/** The ID of a workload in a mesh as it is installed, and two longer ones to see how the ratio grows. */
const mesh = 'spiffe://cluster.local/ns/default/sa/web'
const longer = [
  'spiffe://example.org/ns/kube-system/sa/metrics-server.v1',
  'spiffe://prod.acme.example/region/eu-west-1/team/payments/service/ledger-writer',
]

/** T11: the scan costs at most this share of `new URL()` on the same text. */
const TARGET = 0.25
/** A timed call does this many rounds, so that the clock's own cost does not count. */
const ROUNDS = 1000
const SAMPLES = 300

/** Nanoseconds of one round, and a sum that keeps the work from being optimised away. */
const nanoseconds = (work: (text: string) => number, text: string): number => {
  const start = performance.now()
  let kept = 0
  for (let round = 0; round < ROUNDS; round += 1) kept += work(text)
  const spent = performance.now() - start
  if (kept <= 0) throw new Error('the work did nothing')
  return (spent * 1e6) / ROUNDS
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN

/** The median of ratios, each from two runs right after each other: what disturbs one disturbs both. */
const ratio = (ours: (text: string) => number, text: string): number => {
  const url = (from: string): number => new URL(from).pathname.length
  const ratios = Array.from({ length: SAMPLES }, () => nanoseconds(ours, text) / nanoseconds(url, text))
  return median(ratios.slice(SAMPLES / 10))
}

test('T11: scanning a SPIFFE ID against new URL()', { timeout: 60_000 }, () => {
  // Local names: what a module runner puts around imports would distort so short a loop.
  const [is, parse] = [isSpiffeId, parseSpiffeId]
  const scan = (text: string): number => (is(text) ? 1 : 0)
  const measured = ratio(scan, mesh)
  console.log(`T11: scan / new URL() on ${mesh.length} bytes = ${measured.toFixed(3)} (must be at most ${TARGET})`)
  for (const text of longer) console.log(`     on ${text.length} bytes = ${ratio(scan, text).toFixed(3)}`)
  console.log(`     parse to a frozen value = ${ratio((text) => parse(text).path.length, mesh).toFixed(3)}`)
  expect(measured).toBeLessThanOrEqual(TARGET)
})
