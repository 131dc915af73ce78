import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { cruise, type ICruiseOptions, type ICruiseResult, type IForbiddenRuleType } from 'dependency-cruiser'
import { describe, expect, test } from 'vitest'
import { projectRoot } from '../../src/pages/source-files.ts'

const config: { forbidden: IForbiddenRuleType[]; options: ICruiseOptions } = createRequire(import.meta.url)(
  join(projectRoot, '.dependency-cruiser.cjs'),
)

async function violations(baseDir: string, folders: string[]) {
  const options = { ...config.options, validate: true, ruleSet: { forbidden: config.forbidden }, baseDir }
  const { output } = await cruise(folders, options, config.options.enhancedResolveOptions)
  const { summary } = output as ICruiseResult
  return {
    modules: summary.totalCruised,
    found: summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`),
  }
}

/** Writes a small house with the given files, judges it by the project's rules and removes it. */
async function judge(files: Record<string, string>) {
  const house = mkdtempSync(join(tmpdir(), 'meshid-house-'))
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(house, path)), { recursive: true })
      writeFileSync(join(house, path), text)
    }
    const { found } = await violations(house, ['packages'])
    return found.map((line) => line.replace(/:.*/, ''))
  } finally {
    rmSync(house, { recursive: true })
  }
}

describe('rooms and arrows', () => {
  test('nobody enters a room that house.md does not open to them', async () => {
    const { modules, found } = await violations(projectRoot, ['packages', 'examples'])
    expect(found).toEqual([])
    expect(modules).toBeGreaterThan(100)
  }, 60_000)

  test('the rules can fail: a wrong arrow is seen', async () => {
    const found = await judge({
      'packages/der/src/index.ts': "export { k } from '../../keys/src/index.ts'\n",
      'packages/keys/src/index.ts': 'export const k = 1\n',
    })
    expect(found).toContain('arrows-of-der')
  })

  test('the rules can fail: a cycle is seen', async () => {
    const found = await judge({
      'packages/der/src/index.ts': "import './a.ts'\nexport const i = 1\n",
      'packages/der/src/a.ts': "import './index.ts'\n",
    })
    expect(found).toContain('no-cycles')
  })

  test('the rules can fail: a Node module in a portable package is seen, and is allowed under src/node', async () => {
    const file = "import 'node:fs'\n"
    const found = await judge({ 'packages/keys/src/a.ts': file, 'packages/keys/src/node/b.ts': file })
    expect(found).toEqual(['portable-has-no-node'])
  })
})
