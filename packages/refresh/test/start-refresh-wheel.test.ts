import { expect, test } from 'vitest'
import { RefreshWheel, startRefreshWheel } from '@meshid/refresh'
import { createTestClock } from './test-clock.ts'

const start = new Date('2026-11-22T00:00:00Z')

test('a million identities are each renewed in their tick, in batches', async () => {
  const identities = 1_000_000
  const clock = createTestClock(start)
  const wheel = new RefreshWheel({ capacity: identities, now: start })
  for (let entry = 0; entry < identities; entry++)
    wheel.schedule(entry, new Date(start.getTime() + (entry % 10) * 1000))
  const seen = new Uint8Array(identities)
  let late = 0
  using turning = startRefreshWheel(wheel, {
    clock,
    batch: 10_000,
    onDue: (entry) => {
      seen[entry] = 1
      if (clock.now().getTime() - start.getTime() !== (entry % 10) * 1000) late++
    },
    onError: (error) => {
      throw error
    },
  })
  await clock.advance(10_000)
  expect(seen.every((times) => times === 1)).toBe(true)
  expect({ late, left: wheel.size }).toEqual({ late: 0, left: 0 })
  turning[Symbol.dispose]()
  expect(clock.timers).toBe(0)
})

test('others get their turn between two batches, also when entries are due again at once', async () => {
  const clock = createTestClock(start)
  const wheel = new RefreshWheel({ capacity: 300, now: start })
  for (let entry = 0; entry < 300; entry++) wheel.schedule(entry, start)
  const order: string[] = []
  let fired = 0
  using _turning = startRefreshWheel(wheel, {
    clock,
    batch: 100,
    onDue: (entry) => {
      fired++
      if (fired % 100 === 0) clock.setTimer(0, () => order.push(`somebody else after ${fired}`))
      if (fired <= 100) wheel.schedule(entry, start)
    },
    onError: (error) => {
      throw error
    },
  })
  await clock.advance(0)
  // The first hundred came again, after those that had waited.
  expect(order).toEqual([100, 200, 300, 400].map((count) => `somebody else after ${count}`))
  expect(wheel.size).toBe(0)
})

test('an entry may schedule itself again from its own firing', async () => {
  const clock = createTestClock(start)
  const wheel = new RefreshWheel({ capacity: 1, now: start })
  const times: number[] = []
  wheel.schedule(0, start)
  using _turning = startRefreshWheel(wheel, {
    clock,
    onDue: (entry) => {
      times.push(clock.now().getTime() - start.getTime())
      wheel.schedule(entry, new Date(clock.now().getTime() + 7_000))
    },
    onError: (error) => {
      throw error
    },
  })
  await clock.advance(22_000)
  expect(times).toEqual([0, 7_000, 14_000, 21_000])
})

test('what one entry throws is told, and the others fire', async () => {
  const clock = createTestClock(start)
  const wheel = new RefreshWheel({ capacity: 3, now: start })
  for (const entry of [0, 1, 2]) wheel.schedule(entry, start)
  const fired: number[] = []
  const failures: unknown[] = []
  using _turning = startRefreshWheel(wheel, {
    clock,
    onDue: (entry) => {
      fired.push(entry)
      if (entry === 1) throw new Error('renewal of 1')
    },
    onError: (error, entry) => failures.push([entry, String(error)]),
  })
  await clock.advance(0)
  expect(fired).toEqual([0, 1, 2])
  expect(failures).toEqual([[1, 'Error: renewal of 1']])
})

test('nothing fires after the end, also when an entry ends it', async () => {
  const clock = createTestClock(start)
  const wheel = new RefreshWheel({ capacity: 2, now: start })
  wheel.schedule(0, start)
  wheel.schedule(1, new Date(start.getTime() + 1_000))
  const fired: number[] = []
  const turning = startRefreshWheel(wheel, {
    clock,
    onDue: (entry) => {
      fired.push(entry)
      turning[Symbol.dispose]()
    },
    onError: (error) => {
      throw error
    },
  })
  await clock.advance(5_000)
  expect(fired).toEqual([0])
  expect(clock.timers).toBe(0)
})
