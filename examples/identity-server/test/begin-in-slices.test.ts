import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { beginInSlices } from '../src/begin-in-slices.ts'

/** Work of so many milliseconds each, by a clock that only work moves. */
function rig(options: { readonly workMs: number; readonly sliceMs?: number; readonly maxWaiting?: number }) {
  let nowMs = 0
  const begin = beginInSlices({ monotonicMs: () => nowMs, sliceMs: 5, ...options })
  const begun: number[] = []
  const start = (index: number) =>
    begin(async () => {
      begun.push(index)
      nowMs += options.workMs
      await Promise.resolve()
      return index
    })
  return { begin, begun, start }
}

describe('begin in slices', () => {
  test('begins at once what fits into a slice, and the rest in later turns of the loop, in order', async () => {
    const { begun, start } = rig({ workMs: 2 })
    const all = Promise.all([0, 1, 2, 3, 4, 5, 6].map(start))
    expect(begun).toEqual([0, 1, 2])
    await nextTurn()
    expect(begun).toEqual([0, 1, 2, 3, 4, 5])
    await nextTurn()
    expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6])
    expect(await all).toEqual([0, 1, 2, 3, 4, 5, 6])
  })

  test('lets the rest of the loop have its turn between two slices', async () => {
    const { begun, start } = rig({ workMs: 5 })
    const all = Promise.all([0, 1, 2].map(start))
    const seen: number[] = []
    for (let turn = 0; turn < 2; turn++) {
      seen.push(begun.length)
      await nextTurn()
    }
    await all
    expect(seen).toEqual([1, 2])
  })

  test('nobody overtakes those who wait, not even with room in the slice', async () => {
    const { begun, start } = rig({ workMs: 3 })
    const early = [0, 1, 2].map(start)
    await Promise.resolve()
    const late = start(3)
    await Promise.all([...early, late])
    expect(begun).toEqual([0, 1, 2, 3])
  })

  test('begins at once again after a quiet turn', async () => {
    const { begun, start } = rig({ workMs: 9 })
    await start(0)
    await nextTurn()
    void start(1)
    expect(begun).toEqual([0, 1])
  })

  test('hands on what the work rejects with, at once and later', async () => {
    const { begin, start } = rig({ workMs: 9 })
    const first = begin(() => Promise.reject(new Error('first')))
    void start(0)
    const later = begin(() => Promise.reject(new Error('later')))
    await expect(first).rejects.toThrow('first')
    await expect(later).rejects.toThrow('later')
  })

  test('refuses more than may wait, with a time to come back', async () => {
    const { start } = rig({ workMs: 9, maxWaiting: 2 })
    const taken = [0, 1, 2].map(start)
    await expect(start(3)).rejects.toMatchObject({ status: 'RESOURCE_EXHAUSTED', retryAfterMs: 2000 })
    expect(await Promise.all(taken)).toEqual([0, 1, 2])
  })
})
