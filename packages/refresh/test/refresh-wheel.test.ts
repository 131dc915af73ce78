import { expect, test } from 'vitest'
import { MAX_WHEEL_CAPACITY, RefreshWheel, WHEEL_SLOTS } from '@meshid/refresh'

const start = new Date('2026-11-22T00:00:00Z')
const after = (ms: number): Date => new Date(start.getTime() + ms)
const all = { limit: 1_000_000 }

test('an entry fires once, at its time and not before', () => {
  const wheel = new RefreshWheel({ capacity: 10, now: start })
  wheel.schedule(3, after(5_000))
  expect(wheel.takeDue(after(4_999), all)).toEqual([])
  expect(wheel.takeDue(after(5_000), all)).toEqual([3])
  expect(wheel.takeDue(after(50_000), all)).toEqual([])
  expect(wheel.size).toBe(0)
})

test('an entry between two ticks fires at the later one', () => {
  const wheel = new RefreshWheel({ capacity: 1, tickMs: 100, now: start })
  wheel.schedule(0, after(101))
  expect(wheel.takeDue(after(199), all)).toEqual([])
  expect(wheel.takeDue(after(200), all)).toEqual([0])
})

test('what is due already, or was due before time began, fires at once', () => {
  const wheel = new RefreshWheel({ capacity: 2, now: start })
  wheel.schedule(0, start)
  wheel.schedule(1, after(-1e9))
  expect(wheel.takeDue(start, all)).toEqual([0, 1])
})

test('scheduling again replaces, and cancelling takes off', () => {
  const wheel = new RefreshWheel({ capacity: 2, now: start })
  wheel.schedule(0, after(1_000))
  wheel.schedule(0, after(3_000))
  wheel.schedule(1, after(2_000))
  expect(wheel.size).toBe(2)
  expect(wheel.cancel(1)).toBe(true)
  expect(wheel.cancel(1)).toBe(false)
  expect(wheel.has(1)).toBe(false)
  expect(wheel.takeDue(after(2_000), all)).toEqual([])
  expect(wheel.takeDue(after(3_000), all)).toEqual([0])
})

test('no tick does more than its limit, and what is left over comes first', () => {
  const wheel = new RefreshWheel({ capacity: 1000, now: start })
  for (let entry = 0; entry < 1000; entry++) wheel.schedule(entry, after(1_000))
  expect(wheel.takeDue(after(1_000), { limit: 300 })).toHaveLength(300)
  expect(wheel.isBehind(after(1_000))).toBe(true)
  wheel.schedule(0, after(1_500))
  expect(wheel.takeDue(after(2_000), { limit: 700 })).not.toContain(0)
  expect(wheel.takeDue(after(2_000), all)).toEqual([0])
  expect(wheel.isBehind(after(2_000))).toBe(false)
})

test('an entry beyond one turn of the wheel waits for its round', () => {
  const wheel = new RefreshWheel({ capacity: 2, now: start })
  const round = WHEEL_SLOTS * 1_000
  wheel.schedule(0, after(2 * round + 7_000))
  wheel.schedule(1, after(7_000))
  expect(wheel.takeDue(after(7_000), all)).toEqual([1])
  expect(wheel.takeDue(after(round + 7_000), all)).toEqual([])
  expect(wheel.takeDue(after(2 * round + 6_999), all)).toEqual([])
  expect(wheel.takeDue(after(2 * round + 7_000), all)).toEqual([0])
})

test('after a sleep of years everything that was missed fires', () => {
  const wheel = new RefreshWheel({ capacity: 3, now: start })
  const [day, year] = [86_400_000, 365 * 86_400_000]
  wheel.schedule(0, after(day))
  wheel.schedule(1, after(9 * year))
  wheel.schedule(2, after(20 * year))
  expect(wheel.takeDue(after(10 * year), all).toSorted((one, other) => one - other)).toEqual([0, 1])
  expect(wheel.takeDue(after(20 * year), all)).toEqual([2])
})

test('a clock that goes back neither fires nor forgets', () => {
  const wheel = new RefreshWheel({ capacity: 1, now: start })
  wheel.schedule(0, after(10_000))
  expect(wheel.takeDue(after(9_000), all)).toEqual([])
  expect(wheel.takeDue(after(1_000), all)).toEqual([])
  expect(wheel.takeDue(after(10_000), all)).toEqual([0])
})

test.each([
  ['capacity', { capacity: 0, now: start }],
  ['capacity', { capacity: MAX_WHEEL_CAPACITY + 1, now: start }],
  ['tickMs', { capacity: 1, tickMs: 9, now: start }],
  ['now', { capacity: 1, now: new Date(Number.NaN) }],
])('a wheel is not made with a wrong %s', (name, options) => {
  expect(() => new RefreshWheel(options)).toThrow(new RegExp(`^${name}: expected`))
})

test('entries, instants and limits are checked', () => {
  const wheel = new RefreshWheel({ capacity: 2, now: start })
  for (const entry of [-1, 2, 0.5, Number.NaN]) expect(() => wheel.schedule(entry, start)).toThrow(/^entry: expected/)
  expect(() => wheel.schedule(0, new Date(Number.NaN))).toThrow(/^due: expected/)
  expect(() => wheel.schedule(0, after(0x1_0000_0000 * 1_000))).toThrow(/^due: expected at most/)
  expect(wheel.size).toBe(0)
  for (const limit of [0, -1, 1.5]) expect(() => wheel.takeDue(start, { limit })).toThrow(/^limit: expected/)
})
