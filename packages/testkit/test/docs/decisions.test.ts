import { describe, expect, test } from 'vitest'
import { sourceFiles } from '../../src/pages/source-files.ts'

const decisions = sourceFiles(/^docs\/decisions\//)

describe('decisions', () => {
  test('are numbered without a gap and named after their number', () => {
    const numbers = decisions.map(({ path }) => /\/(\d{4})-[a-z0-9-]+\.md$/.exec(path)?.[1])
    expect(numbers.length).toBeGreaterThan(15)
    expect(numbers).toEqual(decisions.map((_, index) => String(index + 1).padStart(4, '0')))
  })

  test.each(decisions)(
    '$path has a title, context, choice and consequence in at most 60 lines',
    ({ path, text, lines }) => {
      const number = /(\d{4})-/.exec(path)?.[1]
      const headings = [...text.matchAll(/^#+ .*$/gm)].map(([heading]) => heading)
      expect(headings[0]).toMatch(new RegExp(`^# ${number}\\. .{5,}$`))
      expect(headings.slice(1)).toEqual(['## Context', '## Choice', '## Consequence'])
      expect(lines).toBeLessThanOrEqual(60)
    },
  )
})
