import { expect, test } from 'vitest'
import { report } from './interleaved.ts'
import { runInNode } from './run-in-node.ts'

/** T1: from the bytes of a CSR to the DER of a leaf, over F. */
const TARGET = 1.3

test('T1: CSR bytes to leaf over one verification and one signature', async () => {
  const outcomes = await runInNode('./certify-program.ts')
  report(`T1: over F; must be at most ${TARGET}`, outcomes)
  expect(outcomes[1]?.ratio).toBeLessThanOrEqual(TARGET)
})
