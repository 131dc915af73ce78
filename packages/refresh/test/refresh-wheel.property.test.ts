import { array, assert, constant, nat, oneof, property, record } from 'fast-check'
import { expect, test } from 'vitest'
import { RefreshWheel, WHEEL_SLOTS } from '@meshid/refresh'

const CAPACITY = 20
const start = Date.UTC(2026, 10, 22)

/** Two turns of the wheel, in ticks of 1 s. */
const ticks = oneof(nat(30), nat(2 * WHEEL_SLOTS))
const steps = array(
  oneof(
    record({ kind: constant('schedule' as const), entry: nat(CAPACITY - 1), ticks }),
    record({ kind: constant('cancel' as const), entry: nat(CAPACITY - 1) }),
    record({ kind: constant('advance' as const), ticks }),
  ),
  { maxLength: 60 },
)

test('the wheel fires what a sorted list would, whatever is scheduled, cancelled and slept through', () => {
  assert(
    property(steps, (all) => {
      const wheel = new RefreshWheel({ capacity: CAPACITY, now: new Date(start) })
      const model = new Map<number, number>()
      let now = start
      for (const step of all) {
        if (step.kind === 'cancel') {
          expect(wheel.cancel(step.entry)).toBe(model.delete(step.entry))
        } else if (step.kind === 'schedule') {
          model.set(step.entry, now + step.ticks * 1000)
          wheel.schedule(step.entry, new Date(now + step.ticks * 1000))
        } else {
          now += step.ticks * 1000
          const due = [...model].filter(([, at]) => at <= now).map(([entry]) => entry)
          for (const entry of due) model.delete(entry)
          const fired = wheel.takeDue(new Date(now), { limit: 1000 })
          expect(fired.toSorted((a, b) => a - b)).toEqual(due.toSorted((a, b) => a - b))
        }
        expect(wheel.size).toBe(model.size)
      }
    }),
    { numRuns: 100 },
  )
})
