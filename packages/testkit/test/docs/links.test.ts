import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, test } from 'vitest'
import { projectRoot, type SourceFile, sourceFiles } from '../../src/pages/source-files.ts'

interface Link {
  readonly page: string
  readonly text: string
  /** Path from the root of the project. */
  readonly target: string
  readonly anchor: string | undefined
}

const withoutFences = (markdown: string): string => markdown.replace(/^```[\s\S]*?^```$/gm, '')

/** The links of a page that lead to a file of the project. */
function linksOf({ path, text }: Pick<SourceFile, 'path' | 'text'>): Link[] {
  return [...withoutFences(text).matchAll(/\[([^\]]*)\]\(([^)\s]+)\)/g)].flatMap(([, label = '', address = '']) => {
    if (/^[a-z]+:/.test(address)) return []
    const [file = '', anchor] = address.split('#')
    return [{ page: path, text: label, target: file === '' ? path : normalize(join(dirname(path), file)), anchor }]
  })
}

/** The anchors of a page as GitHub makes them. */
function anchorsOf(markdown: string): readonly string[] {
  return [...withoutFences(markdown).matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

/** What is wrong with a link, if anything: no such file, no such heading, or a file that does not have the named code. */
function fault({ page, text, target, anchor }: Link): string | undefined {
  const path = join(projectRoot, target)
  if (!existsSync(path)) return `${page}: no ${target}`
  if (anchor !== undefined && !anchorsOf(readFileSync(path, 'utf8')).includes(anchor)) {
    return `${page}: ${target} has no heading #${anchor}`
  }
  const name = /^`([A-Za-z_]\w*)`$/.exec(text)?.[1]
  if (name === undefined || !target.endsWith('.ts')) return undefined
  return new RegExp(`\\b${name}\\b`).test(readFileSync(path, 'utf8')) ? undefined : `${page}: ${target} has no ${name}`
}

/** All but what typedoc writes. */
const pages = sourceFiles(/^(?!docs\/api\/).*\.md$/)
const wrong = (links: readonly Link[]): readonly string[] =>
  links.map(fault).filter((sentence) => sentence !== undefined)

describe('the links of our pages', () => {
  test('each leads to a file, a heading, and the code that it names', () => {
    const links = pages.flatMap(linksOf)
    expect(links.length).toBeGreaterThan(100)
    expect(wrong(links)).toEqual([])
  })

  test('every page of docs can be reached from its map', () => {
    const reached = new Set(['docs/README.md'])
    for (const path of reached) {
      const page = pages.find((candidate) => candidate.path === path)
      if (page === undefined) continue
      for (const { target } of linksOf(page)) if (target.startsWith('docs/')) reached.add(target)
    }
    const docs = pages.map(({ path }) => path).filter((path) => path.startsWith('docs/'))
    expect(docs.filter((path) => !reached.has(path))).toEqual([])
  })

  test('the check can fail: a missing file, heading or function is named', () => {
    const text =
      '[a](no.md) [b](#nowhere) [`noSuchFunction`](../packages/csr/src/verify.ts) [`verifyCsr`](../packages/csr/src/verify.ts)'
    expect(wrong(linksOf({ path: 'docs/README.md', text }))).toEqual([
      'docs/README.md: no docs/no.md',
      'docs/README.md: docs/README.md has no heading #nowhere',
      'docs/README.md: packages/csr/src/verify.ts has no noSuchFunction',
    ])
  })
})
