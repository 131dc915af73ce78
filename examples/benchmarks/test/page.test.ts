import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { describeMachine } from '../src/machine.ts'
import { renderPage } from '../src/page.ts'
import { formatRatio } from '../src/table.ts'
import { targets } from '../src/targets.ts'
import { judge } from '../src/verdict.ts'

const page = readFileSync(new URL('../../../docs/benchmarks.md', import.meta.url), 'utf8')
const [, generated = ''] = /: begin -->\n([\s\S]*)<!-- written by pnpm bench: end/.exec(page) ?? []
const rowsOf = (text: string): readonly (readonly string[])[] =>
  text.split('\n').map((line) => line.split('|').map((cell) => cell.trim()))

test('docs/benchmarks.md has the figures of every target, with what must hold', () => {
  const rows = new Map(rowsOf(generated).map((cells) => [cells[1], cells]))
  for (const { id, what, must, stretch } of targets) {
    const [, , words, measured, mustHold, reached] = rows.get(id) ?? []
    expect([id, words, mustHold?.slice(2), reached]).toEqual([id, what, formatRatio(must), formatRatio(stretch)])
    expect(measured).toMatch(/^[\d.,]+ ± [\d.,]+$|^no .+ here$/)
  }
})

test('its words say what each target means', () => {
  const words = rowsOf(page.replace(generated, ''))
    .map(([, id]) => id)
    .filter((id) => id !== undefined)
  for (const { id } of targets) expect(words).toContain(id)
})

test('each target has a program, and an identifier of its own', () => {
  for (const { program } of targets) {
    expect(existsSync(new URL(`../programs/${program}.ts`, import.meta.url))).toBe(true)
  }
  expect(new Set(targets.map(({ id }) => id)).size).toBe(targets.length)
})

test('figures go between the marks, and the words around them stay', () => {
  const [target] = targets
  if (target === undefined) throw new Error('expected targets')
  const program = {
    title: 'Parsing',
    outcomes: [{ name: 'ours', amount: 12.345, ratio: 1 }],
    values: { [target.id]: 1.1 },
    notes: ['A note.'],
  }
  const verdicts = [judge(target, [program])]
  const before = 'words\n<!-- written by pnpm bench: begin -->\nold\n<!-- written by pnpm bench: end -->\nmore words\n'
  const after = renderPage(before, {
    verdicts,
    programs: [program],
    machine: describeMachine(new Date('2026-11-22T00:00:00Z')),
  })
  expect(after).toMatch(/^words\n<!-- written by pnpm bench: begin -->\n\n\| where +\| +\|\n\| -+ \| -+ \|\n/)
  expect(after).toMatch(/\n\n<!-- written by pnpm bench: end -->\nmore words\n$/)
  const cells = rowsOf(after).map((row) => row.join('|'))
  for (const row of ['|date|2026-11-22|', '|ours|12.3|1|', '### Parsing', 'A note.']) expect(cells).toContain(row)
  expect(cells.some((row) => row.startsWith(`|${target.id}|${target.what}|1.1 ± 0|`))).toBe(true)
  expect(after).not.toContain('old')
  expect(() => renderPage('no marks', { verdicts, programs: [], machine: [] })).toThrow('benchmarks.md')
})

test('a profile names the rest of the busy time, the greatest first, and sums it up', () => {
  const row = (name: string, amount: number) => ({ name, amount, ratio: amount / 100 })
  const profile = {
    title: 'Busy time',
    unit: 'µs of a call',
    outcomes: [
      row('OpenSSL: signatures', 70),
      row('small', 4),
      row('(program)', 16),
      row('9 other functions together', 10),
    ],
    values: { T5: 0.7 },
  }
  const marks = '<!-- written by pnpm bench: begin -->\n<!-- written by pnpm bench: end -->'
  const written = rowsOf(renderPage(marks, { verdicts: [], programs: [profile], machine: [] })).map((line) =>
    line.join('|'),
  )
  for (const line of [
    '|OpenSSL: signatures|70|0.7|',
    '|the top 2 of the rest, below|20|0.2|',
    '|9 other functions together|10|0.1|',
    '#### The top 2 of the rest',
  ])
    expect(written).toContain(line)
  const named = written.filter((line) => /^\|[12]\|/.test(line))
  expect(named).toEqual(['|1|(program)|16|16 %|', '|2|small|4|4 %|'])
})
