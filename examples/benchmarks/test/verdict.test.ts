import { expect, test } from 'vitest'
import type { ProgramResult } from '../src/result.ts'
import { outcomeLines, verdictCells, verdictTable } from '../src/table.ts'
import type { Target } from '../src/targets.ts'
import { judge } from '../src/verdict.ts'

const lower: Target = { id: 'X', what: 'over F', better: 'lower', must: 1.3, stretch: 1.2, program: 'x' }
const higher: Target = { ...lower, better: 'higher', must: 10, stretch: 11 }
const runs = (...values: readonly number[]): readonly ProgramResult[] =>
  values.map((value) => ({ title: 'x', outcomes: [], values: { X: value } }))

test('a target is met by the median, or missed by no more than the spread', () => {
  expect(judge(lower, runs(1.2, 1.25, 1.1))).toMatchObject({ measured: 1.2, ok: true })
  expect(judge(lower, runs(1.31, 1.35, 1.33)).spread).toBeCloseTo(0.02)
  expect(judge(lower, runs(1.31, 1.35, 1.33)).ok).toBe(false)
  expect(judge(lower, runs(1.25, 1.35, 1.33)).ok).toBe(true)
  expect(judge(higher, runs(9.5, 9.6, 9.4)).ok).toBe(false)
  expect(judge(higher, runs(9.5, 10.8, 9.9)).ok).toBe(true)
})

test('one run has no spread', () => {
  expect(judge(lower, runs(1.300001))).toMatchObject({ spread: 0, ok: false })
})

test('a program that does not say its value misses the target', () => {
  expect(judge(lower, [{ title: 'x', outcomes: [], values: {} }]).ok).toBe(false)
  expect(judge(lower, [...runs(1.1), { title: 'x', outcomes: [], values: {} }]).ok).toBe(false)
  expect(judge({ ...lower, needs: 'Go' }, [...runs(1.1), { title: 'x', outcomes: [], values: {} }]).ok).toBe(false)
})

test('a peer that the machine lacks is neither met nor missed', () => {
  const verdict = judge({ ...lower, needs: 'Go' }, [{ title: 'x', outcomes: [], values: {} }])
  expect(verdict.ok).toBeUndefined()
  expect(verdictCells(verdict)).toEqual(['X', 'over F', 'no Go here', '≤ 1.3', '1.2', 'absent'])
})

test('the table has a row for each verdict, with three digits', () => {
  const verdict = judge(lower, runs(1.23456, 1.3, 1.2))
  expect(verdictCells(verdict)).toEqual(['X', 'over F', '1.23 ± 0.05', '≤ 1.3', '1.2', 'yes'])
  expect(verdictCells(judge(higher, runs(1234.5)))).toEqual(['X', 'over F', '1,230 ± 0', '≥ 10', '11', 'yes'])
  const table = verdictTable([verdict, judge(higher, runs(1))])
  expect(table).toContain('1.23 ± 0.05')
  expect(table.split('\n')).toHaveLength(7)
})

test('what a program compared is told with its unit and its notes', () => {
  const text = outcomeLines({
    title: 'Parsing',
    unit: 'µs',
    outcomes: [{ name: 'ours', amount: 12.345, ratio: 0.5 }],
    values: {},
    notes: ['A note.'],
  })
  expect(text.split('\n').map((line) => line.trim())).toEqual(['Parsing (µs)', '0.5 ×       12.3  ours', 'A note.'])
})
