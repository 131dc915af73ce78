import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRig, HOUR, MINUTE } from './rig.ts'

const step = fc.oneof(
  fc.record({ kind: fc.constant('advance' as const), ms: fc.nat(2 * HOUR) }),
  fc.record({ kind: fc.constant('jump' as const), ms: fc.integer({ min: -48 * HOUR, max: 48 * HOUR }) }),
)

test('whatever the clock and the renewals do, an attempt is always due soon and no timer is left behind', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 12 }),
      fc.array(fc.boolean(), { maxLength: 40 }),
      async (steps, failures) => {
        const rig = createRig({
          before: (serial) => (failures[serial] === true ? Promise.reject(new Error('down')) : undefined),
        })
        await rig.clock.advance(0)
        for (const { kind, ms } of steps) {
          if (kind === 'advance') await rig.clock.advance(ms)
          else rig.clock.jump(ms)
          const before = rig.attemptsMs.length
          await rig.clock.advance(31 * MINUTE)
          expect(rig.attemptsMs.length).toBeGreaterThan(before)
          expect(rig.clock.timers).toBeLessThanOrEqual(2)
        }
        expect(rig.clock.longestDelayMs).toBeLessThanOrEqual(MINUTE)
        await rig.refresher[Symbol.asyncDispose]()
        expect(rig.clock.timers).toBe(0)
      },
    ),
    { numRuns: 60 },
  )
})
