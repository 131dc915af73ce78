import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import ts from 'typescript'
import { type Snippet, snippets } from '../../src/pages/snippets.ts'
import { projectRoot } from '../../src/pages/source-files.ts'

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts', 'lib.dom.d.ts'],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  customConditions: ['@meshid/source'],
  allowImportingTsExtensions: true,
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: true,
  noEmit: true,
}

/** Compiles the snippets together, each as a module beside the page that holds it. */
function compile(all: readonly Snippet[]): string[] {
  const host = ts.createCompilerHost(options)
  const virtual = new Map(
    all.map((snippet) => [join(projectRoot, dirname(snippet.page), `snippet-${snippet.line}.ts`), snippet]),
  )
  const disk = ts.createCompilerHost(options)
  host.fileExists = (path) => virtual.has(path) || disk.fileExists(path)
  host.readFile = (path) => virtual.get(path)?.code ?? disk.readFile(path)
  host.getSourceFile = (path, version, ...rest) => {
    const snippet = virtual.get(path)
    return snippet
      ? ts.createSourceFile(path, `${snippet.code}\nexport {}\n`, version)
      : disk.getSourceFile(path, version, ...rest)
  }
  const program = ts.createProgram([...virtual.keys()], options, host)
  return ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const snippet = virtual.get(file?.fileName ?? '')
    const line = file && start !== undefined ? file.getLineAndCharacterOfPosition(start).line + 1 : 0
    return `${snippet?.page ?? file?.fileName}:${(snippet?.line ?? 0) + line} ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
  })
}

async function run({ code, page }: Snippet) {
  const child = spawn(
    process.execPath,
    ['--conditions=@meshid/source', '--input-type=module-typescript', '--disable-warning=ExperimentalWarning', '-'],
    {
      cwd: join(projectRoot, dirname(page)),
    },
  )
  child.stdin.end(code)
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { status: child.exitCode, stdout, stderr }
}

describe('the code in our pages', () => {
  test('every ts block compiles', () => {
    const all = snippets('ts')
    expect(all.length).toBeGreaterThan(10)
    expect(compile(all)).toEqual([])
  }, 120_000)

  test('the check can fail: a wrong line is named', () => {
    expect(compile([{ page: 'README.md', line: 7, language: 'ts', code: "\nconst n: number = 'text'\n" }])).toEqual([
      "README.md:9 Type 'string' is not assignable to type 'number'.",
    ])
  }, 60_000)

  const firsts = snippets('ts', /^(packages\/[^/]+\/)?README\.md$/).filter(
    (snippet, index, all) => all.findIndex(({ page }) => page === snippet.page) === index,
  )
  test.each(firsts)(
    'the first example of $page runs and prints something',
    async (snippet) => {
      const { status, stdout, stderr } = await run(snippet)
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
      expect(stdout).not.toBe('')
    },
    60_000,
  )
})
