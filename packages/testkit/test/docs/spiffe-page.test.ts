import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { projectRoot } from '../../src/pages/source-files.ts'
import { ruleFaults, ruleTests, ruleTestsIn, spiffePage } from '../../src/pages/spiffe-page.ts'
import { rulesWithoutTest, spiffeRules } from '../../src/pages/spiffe-rules.ts'

const tests = ruleTests()

describe('SPIFFE rules', () => {
  test('are numbered without a gap, in their order', () => {
    const counts = { ID: 38, X509: 47, BUNDLE: 27 }
    const numbered = Object.entries(counts).flatMap(([family, count]) =>
      Array.from({ length: count }, (_, index) => `${family}-${index + 1}`),
    )
    expect(Object.keys(spiffeRules)).toEqual(numbered)
  })

  test('are each named by a test, or have a reason; and tests name no others', () => {
    expect(ruleFaults(tests)).toEqual([])
  })

  test('docs/spiffe.md is what the tests say', async () => {
    await expect(spiffePage(tests)).toMatchFileSnapshot(join(projectRoot, 'docs/spiffe.md'))
  })
})

describe('the check can fail', () => {
  test('a rule without a test, a test without a rule, and a reason that is outdated are named', () => {
    const [reasoned = ''] = Object.keys(rulesWithoutTest)
    const tested = Object.keys(spiffeRules).filter((rule) => !(rule in rulesWithoutTest))
    expect(ruleFaults(tested.map((rule) => ({ rule, path: 'a.test.ts' })))).toEqual([])
    const faults = ruleFaults(
      [...tested.filter((rule) => rule !== 'X509-2'), 'X509-99', reasoned].map((rule) => ({ rule, path: 'a.test.ts' })),
    )
    expect(faults).toEqual([
      'X509-2: no test names it, and no reason is given',
      `${reasoned}: is said to have no test, and has one`,
      'a.test.ts: there is no rule X509-99',
    ])
  })

  test('comments do not count as tests', () => {
    const text =
      "// X509-1\ntest('a (X509-2)', () => {}) /* X509-3 */\ntest.each([['b (ID-4, ID-5)']])(`${1} BUNDLE-6`)"
    expect(ruleTestsIn({ path: 'a.test.ts', text }).map(({ rule }) => rule)).toEqual([
      'X509-2',
      'ID-4',
      'ID-5',
      'BUNDLE-6',
    ])
  })
})
