import { expect, test } from 'vitest'
import { contest, medianOf } from '../src/contest.ts'

test('contenders run by turns, each once warmed up, and are compared with the first', { timeout: 30_000 }, async () => {
  const turns: string[] = []
  const contender = (name: string) => ({
    name,
    run: () => {
      if (turns.at(-1) !== name) turns.push(name)
      for (let end = performance.now() + 0.2; performance.now() < end;);
    },
  })
  const outcomes = await contest([contender('one'), contender('other')], { rounds: 3, turnMs: 1 })
  expect(outcomes.map(({ name }) => name)).toEqual(['one', 'other'])
  // Two to warm up, then three rounds.
  expect(turns).toEqual(Array.from({ length: 4 }, () => ['one', 'other']).flat())
  expect(outcomes[0]?.ratio).toBe(1)
})

test('what a contender promises is awaited', { timeout: 30_000 }, async () => {
  let open = 0
  let most = 0
  const run = async (): Promise<void> => {
    most = Math.max(most, ++open)
    for (let end = performance.now() + 0.2; performance.now() < end;);
    await Promise.resolve()
    open -= 1
  }
  await contest([{ name: 'async', run }], { rounds: 2, turnMs: 1 })
  expect([open, most]).toEqual([0, 1])
})

test('a contender that fails ends the contest', async () => {
  const broken = { name: 'broken', run: () => Promise.reject(new Error('no such curve')) }
  await expect(contest([broken])).rejects.toThrow('no such curve')
})

test('the median of an even number is between the middle ones, and of nothing it is none', () => {
  expect(medianOf([3, 1, 2])).toBe(2)
  expect(medianOf([4, 1, 3, 2])).toBe(2.5)
  expect(medianOf([])).toBeNaN()
})
