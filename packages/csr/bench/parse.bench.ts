import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

/** T6 of the performance targets: how many times as fast as asn1js, which checks less, a request is parsed. */
const TARGET = 300

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
  for (const contenders of Object.values(requests)) {
    expect(contenders['parseCsr']?.times).toBeGreaterThan(TARGET)
  }
})
