import { describe, expect, test } from 'vitest'
import ts from 'typescript'
import { type SourceFile, sourceFiles } from '../../src/pages/source-files.ts'

const code = sourceFiles(/^(packages\/[^/]+\/src|examples\/[^/]+)\/.*\.ts$/).filter(
  ({ path }) => !path.includes('/test/'),
)
const published = code.filter(({ path }) => path.startsWith('packages/') && !path.startsWith('packages/testkit/'))

const parse = (file: SourceFile) => ts.createSourceFile(file.path, file.text, ts.ScriptTarget.ESNext, true)

function nodes(file: SourceFile, wanted: (node: ts.Node) => string | undefined): string[] {
  const source = parse(file)
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    const name = wanted(node)
    if (name !== undefined) {
      found.push(`${file.path}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1} ${name}`)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

const tooLong = (file: SourceFile, limit: number) => (file.lines > limit ? [`${file.path}: ${file.lines} lines`] : [])

describe('inside a room', { timeout: 60_000 }, () => {
  test('there is code to judge', () => {
    expect(published.length).toBeGreaterThan(60)
  })

  test('a file has at most 300 lines', () => {
    expect(code.flatMap((file) => tooLong(file, 300))).toEqual([])
  })

  test('an index has at most 40 lines, an example main 100, a basics program 40', () => {
    expect(code.filter(({ path }) => path.endsWith('/index.ts')).flatMap((file) => tooLong(file, 40))).toEqual([])
    expect(
      code.filter(({ path }) => /^examples\/.*\/main\.ts$/.test(path)).flatMap((file) => tooLong(file, 100)),
    ).toEqual([])
    expect(code.filter(({ path }) => /^examples\/basics\/\d/.test(path)).flatMap((file) => tooLong(file, 40))).toEqual(
      [],
    )
  })

  test('a function has at most 40 lines', () => {
    const long = (node: ts.Node): string | undefined => {
      if (!ts.isFunctionLike(node) || !('body' in node) || !node.body) return undefined
      const source = node.getSourceFile()
      const start = source.getLineAndCharacterOfPosition(node.getStart()).line
      const end = source.getLineAndCharacterOfPosition(node.getEnd()).line
      return end - start + 1 > 40 ? `function of ${end - start + 1} lines` : undefined
    }
    expect(code.flatMap((file) => nodes(file, long))).toEqual([])
  })

  test('no junk drawers: core, common, utils, helpers, types, nested index', () => {
    const junk = code.filter(
      ({ path }) => /\/(core|common|utils?|helpers?|types)(\.ts|\/)/.test(path) || /\/src\/.+\/index\.ts$/.test(path),
    )
    expect(junk.map(({ path }) => path)).toEqual([])
  })

  test('file names are kebab-case', () => {
    expect(
      code.map(({ path }) => path).filter((path) => !/^[a-z0-9-]+(\.config)?\.ts$/.test(path.replace(/^.*\//, ''))),
    ).toEqual([])
  })

  test('no export *, default export, enum, namespace, any or non-null assertion', () => {
    const banned = (node: ts.Node): string | undefined => {
      if (ts.isExportDeclaration(node) && !node.exportClause) return 'export *'
      if (ts.isExportDeclaration(node) && node.exportClause && ts.isNamespaceExport(node.exportClause))
        return 'export * as'
      if (ts.isExportAssignment(node)) return 'default export'
      if (ts.isEnumDeclaration(node)) return 'enum'
      if (ts.isModuleDeclaration(node)) return 'namespace'
      if (node.kind === ts.SyntaxKind.AnyKeyword) return 'any'
      if (ts.isNonNullExpression(node)) return 'non-null assertion'
      return undefined
    }
    expect(code.filter(({ path }) => !path.endsWith('.config.ts')).flatMap((file) => nodes(file, banned))).toEqual([])
  })

  test('published packages keep no clock, no randomness and no log of their own outside the places made for them', () => {
    const own = (node: ts.Node): string | undefined => {
      if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && !node.arguments?.length)
        return 'new Date()'
      if (
        ts.isPropertyAccessExpression(node) &&
        ['Date.now', 'Math.random', 'console.log', 'console.error'].includes(node.getText())
      )
        return node.getText()
      return undefined
    }
    const allowed = /^packages\/(cli\/|[^/]+\/src\/(system-clock|node\/|random))/
    expect(published.filter(({ path }) => !allowed.test(path)).flatMap((file) => nodes(file, own))).toEqual([])
  })
})
