import ts from 'typescript'
import { type SourceFile, sourceFiles } from './source-files.ts'
import { rulesWithoutTest, spiffeRules } from './spiffe-rules.ts'

/** A test that names a rule. */
export interface RuleTest {
  readonly rule: string
  /** The words in which it is named: the title of a test, or of a row of its table. */
  readonly name: string
  /** From the root of the project. */
  readonly path: string
}

const ruleId = /\b(?:ID|X509|BUNDLE)-\d+\b/g

/** Most tests that the page shows for a rule, one for each file. */
const SHOWN = 3

/** Every place in the text of a test file, comments left out, that names a rule. */
export function ruleTestsIn({ path, text }: Pick<SourceFile, 'path' | 'text'>): readonly RuleTest[] {
  if (text.search(ruleId) < 0) return []
  const found: RuleTest[] = []
  const visit = (node: ts.Node): void => {
    const name = ts.isStringLiteralLike(node) ? node.text : ts.isTemplateExpression(node) ? node.getText() : ''
    for (const [rule] of name.matchAll(ruleId)) found.push({ rule, name, path })
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true))
  return found
}

/** Every test of the project that names a rule; those of this package judge the pages, not the rules. */
export function ruleTests(): readonly RuleTest[] {
  return sourceFiles(/^(?:packages|examples)\/[^/]+\/test\/.*\.test\.ts$/)
    .filter(({ path }) => !path.startsWith('packages/testkit/'))
    .flatMap(ruleTestsIn)
}

/** What is wrong with tests and rules together, a sentence each. */
export function ruleFaults(tests: readonly Pick<RuleTest, 'rule' | 'path'>[]): readonly string[] {
  const named = new Set(tests.map(({ rule }) => rule))
  return [
    ...Object.keys(spiffeRules)
      .filter((rule) => !named.has(rule) && !(rule in rulesWithoutTest))
      .map((rule) => `${rule}: no test names it, and no reason is given`),
    ...Object.keys(rulesWithoutTest)
      .filter((rule) => named.has(rule))
      .map((rule) => `${rule}: is said to have no test, and has one`),
    ...tests.filter(({ rule }) => !(rule in spiffeRules)).map(({ rule, path }) => `${path}: there is no rule ${rule}`),
  ]
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ')

function testsCell(rule: string, tests: readonly RuleTest[]): string {
  const reason = rulesWithoutTest[rule]
  if (reason !== undefined) return `none: ${reason}`
  const files = new Map<string, string>()
  for (const test of tests) if (test.rule === rule && !files.has(test.path)) files.set(test.path, test.name)
  const shown = [...files].slice(0, SHOWN).map(([path, name]) => {
    const label = path
      .replace(/^(?:packages|examples)\//, '')
      .replace('/test/', '/')
      .replace('.test.ts', '')
    return `\`${cell(name).replaceAll('`', "'")}\` in [${label}](../${path})`
  })
  return shown.join('<br>')
}

const families = [
  ['ID', 'SPIFFE IDs'],
  ['X509', 'X.509-SVIDs'],
  ['BUNDLE', 'Trust bundles'],
] as const

/** The text of docs/spiffe.md: every rule, and the tests that name it. */
export function spiffePage(tests: readonly RuleTest[]): string {
  const intro = [
    '# SPIFFE rules and their tests',
    '',
    "The standards of SPIFFE in this project's own words and numbers, and for each rule at most three tests that name it. The page is",
    'generated from `packages/testkit/src/pages/spiffe-rules.ts` and the names of tests (`pnpm test -u` writes it anew); a rule',
    'that has neither a test nor a reason fails the build.',
  ]
  const tables = families.flatMap(([family, title]) => [
    '',
    `## ${title}`,
    '',
    '| rule | what it asks | tests |',
    '| --- | --- | --- |',
    ...Object.entries(spiffeRules)
      .filter(([rule]) => rule.startsWith(`${family}-`))
      .map(([rule, text]) => `| ${rule} | ${text} | ${testsCell(rule, tests)} |`),
  ])
  return [...intro, '', '<!-- oxfmt-ignore-start -->', ...tables, '', '<!-- oxfmt-ignore-end -->', ''].join('\n')
}
