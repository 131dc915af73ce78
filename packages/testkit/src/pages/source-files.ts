import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder that holds packages, examples and docs. */
export const projectRoot: string = fileURLToPath(new URL('../../../..', import.meta.url))

/** One text file of the project: its path from the root, with `/`, and its text. */
export interface SourceFile {
  readonly path: string
  readonly text: string
  readonly lines: number
}

const skipped: ReadonlySet<string> = new Set(['node_modules', 'dist', 'coverage', 'generated', '.git'])

function* walk(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (skipped.has(entry.name)) continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* walk(path)
    else if (entry.isFile()) yield path
  }
}

/** Reads every file of the project whose path from the root matches `pattern`; generated and installed files are left out. */
export function sourceFiles(pattern: RegExp): readonly SourceFile[] {
  const files: SourceFile[] = []
  for (const absolute of walk(projectRoot)) {
    const path = relative(projectRoot, absolute).replaceAll('\\', '/')
    if (!pattern.test(path)) continue
    const text = readFileSync(absolute, 'utf8')
    files.push({ path, text, lines: text.split('\n').length - 1 })
  }
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1))
}
