import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

/**
 * T6 of the performance targets: how many times as fast as asn1js, which checks less, a request is parsed. Long names cost us, who
 * look at each of their characters, more than asn1js, so Linkerd's request, with 120 of them, has a target of its own.
 */
const TARGETS: Record<string, number> = { spiffe: 300, linkerd: 250 }

test('parsing a CSR over asn1js', () => {
  const contest = fileURLToPath(new URL('parse-contest.ts', import.meta.url))
  const args = ['--conditions=@meshid/source', '--disable-warning=ExperimentalWarning', contest]
  const requests: Record<string, Record<string, { microseconds: number; times: number }>> = JSON.parse(
    execFileSync(process.execPath, args, { encoding: 'utf8' }),
  )
  for (const [title, contenders] of Object.entries(requests)) {
    console.log(title)
    for (const [name, { microseconds, times }] of Object.entries(contenders)) {
      console.log(`${times.toFixed(1).padStart(7)} × asn1js ${microseconds.toFixed(3).padStart(9)} µs  ${name}`)
    }
  }
  for (const [title, target] of Object.entries(TARGETS)) {
    expect(requests[title]?.['parseCsr']?.times, title).toBeGreaterThan(target)
  }
})
