import { expect, test } from 'vitest'
import { report } from './interleaved.ts'
import { runInNode } from './run-in-node.ts'

/** T7: assembling and signing a leaf costs at most this much of signing alone. */
const TARGET = 1.15

test('T7: leaf assembly and signature over the signature', async () => {
  const outcomes = await runInNode('./issue-program.ts')
  report(`T7: over the signature; a leaf must be at most ${TARGET}`, outcomes)
  expect(outcomes[1]?.ratio).toBeLessThanOrEqual(TARGET)
})
