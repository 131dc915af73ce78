import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { projectRoot } from './source-files.ts'

interface ErrorTable {
  readonly room: string
  readonly codes: readonly (readonly [code: string, meaning: string])[]
}

/** Reads the `…ErrorCodes` object literal of a package's errors.ts: code → one sentence. */
function errorTable(room: string): ErrorTable | undefined {
  const path = join(projectRoot, 'packages', room, 'src/errors.ts')
  if (!existsSync(path)) return undefined
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ESNext, true)
  const codes: [string, string][] = []
  const visit = (node: ts.Node): void => {
    if (
      ts.isPropertyAssignment(node) &&
      /^[A-Z][A-Z0-9_]+$/.test(node.name.getText()) &&
      ts.isStringLiteralLike(node.initializer)
    ) {
      codes.push([node.name.getText(), node.initializer.text])
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return codes.length > 0 ? { room, codes } : undefined
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

/** The text of docs/errors.md: every error code of every package, with what it means and what to do next. */
export function errorsPage(): string {
  const tables = readdirSync(join(projectRoot, 'packages'))
    .toSorted()
    .map(errorTable)
    .filter((table) => table !== undefined)
  const intro = [
    '# Errors',
    '',
    'Every refusal carries a stable `code`. Codes are part of the public API: they change only with a major version.',
    'This page is generated from the code tables in `packages/*/src/errors.ts` by the house rules (`pnpm test -u` writes it anew).',
  ]
  const rooms = tables.flatMap(({ room, codes }) => [
    '',
    `## @meshid/${room}`,
    '',
    '| code | meaning |',
    '| --- | --- |',
    ...codes.map(([code, meaning]) => `| \`${code}\` | ${cell(meaning)} |`),
  ])
  return [...intro, ...rooms, ''].join('\n')
}
