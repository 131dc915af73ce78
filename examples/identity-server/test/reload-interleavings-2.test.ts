import { describe, expect, test, vi } from 'vitest'
import { runInterleavings } from './reload-interleavings.ts'
import { Tally } from './reload-rig.ts'

vi.setConfig({ testTimeout: 240_000 })

/** Of 1,000; the other half is in a file of its own, so that two cores share them. */
const SEEDS = { from: 501, to: 1000 }

describe('reloads of issuer and trust anchors (Q16, Q17, Q18, Q19)', () => {
  test(`interleavings ${SEEDS.from} to ${SEEDS.to} of writes, swaps, torn files and lost events`, async () => {
    const tally = new Tally()
    const begin = performance.now()
    await runInterleavings(SEEDS, tally)
    const seconds = ((performance.now() - begin) / 1000).toFixed(1)
    console.log(`interleavings ${SEEDS.from} to ${SEEDS.to} in ${seconds} s: ${tally.toString()}`)
    expect(tally.counts.get('new issuers that waited for their bundle')).toBe(500)
    for (const what of ['files torn', 'events dropped', 'events delivered', 'issuer refused', 'bundles written']) {
      expect(tally.counts.get(what)).toBeGreaterThan(50)
    }
  })
})
