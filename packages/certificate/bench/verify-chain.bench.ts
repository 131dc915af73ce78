import { expect, test } from 'vitest'
import { report } from './interleaved.ts'
import { runInNode } from './run-in-node.ts'

/** T8: validating a chain costs at most this much of verifying its two signatures; with the issuer remembered, this much. */
const TARGET = 1.25
const TARGET_REMEMBERED = 0.55

test('T8: leaf ← issuer ← root over its bare signature checks', async () => {
  const outcomes = await runInNode('./verify-chain-program.ts')
  report(`T8, must be at most ${TARGET}; with the issuer remembered ${TARGET_REMEMBERED}`, outcomes)
  expect(outcomes[1]?.ratio).toBeLessThanOrEqual(TARGET)
  expect(outcomes[2]?.ratio).toBeLessThanOrEqual(TARGET_REMEMBERED)
})
