import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../../../', import.meta.url))
const page = readFileSync(`${root}docs/linkerd.md`, 'utf8')

/** The quirks of linkerd2 and linkerd2-proxy that were found; their list ends here. */
const LAST_QUIRK = 54

/** Those of parts that this project does not replace, and why no test here can name them. */
const notOurs: Readonly<Record<string, string>> = {
  Q42: 'the client of the SPIFFE Workload API inside linkerd2-proxy',
  Q43: 'variables of that client',
  Q46: 'linkerd check',
  Q47: 'linkerd check',
  Q48: 'linkerd identity',
}

interface QuirkRow {
  readonly quirk: string
  readonly linkerd: string
  readonly here: string
  readonly shownBy: string
}

const rows: readonly QuirkRow[] = page.split('\n').flatMap((line) => {
  const [, quirk = '', linkerd = '', here = '', shownBy = ''] = line.split(' | ').join('|').split('|')
  const trimmed = { quirk: quirk.trim(), linkerd: linkerd.trim(), here: here.trim(), shownBy: shownBy.trim() }
  return /^Q\d+$/.test(trimmed.quirk) ? [trimmed] : []
})

/** A file of tests without its comments, so that only what a test says of itself counts. */
interface TestFile {
  readonly room: string
  readonly text: string
}

const withoutComments = (text: string): string => text.replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '')

const tests: readonly TestFile[] = ['packages', 'examples'].flatMap((parent) =>
  globSync(`${parent}/*/test/**/*.ts`, { cwd: root })
    .filter((path) => !path.endsWith('linkerd-page.test.ts'))
    .map((path) => ({
      room: path.split(/[\\/]/)[1] ?? '',
      text: withoutComments(readFileSync(`${root}${path}`, 'utf8')),
    })),
)

const names = (quirk: string, { text }: TestFile): boolean => new RegExp(`\\b${quirk}\\b`).test(text)

/** What is wrong with the last cell of a row, if anything. */
function faultOf({ quirk, shownBy }: QuirkRow): string | undefined {
  const [room = '', ...words] = shownBy.split(': ')
  const title = words.join(': ')
  if (title.length < 5) return `${quirk}: expected "room: words of a test", found "${shownBy}"`
  const found = tests.filter((file) => file.room === room && file.text.includes(title))
  if (found.length === 0) return `${quirk}: no test of ${room} says "${title}"`
  return found.some((file) => names(quirk, file))
    ? undefined
    : `${quirk}: "${title}" stands in no test file that names it`
}

describe('the quirks of Linkerd', () => {
  test('there are tests to judge', () => {
    expect(tests.length).toBeGreaterThan(100)
  })

  test('each that is ours is named by a test', () => {
    const all = Array.from({ length: LAST_QUIRK }, (_, index) => `Q${index + 1}`)
    const unnamed = all.filter((quirk) => !tests.some((file) => names(quirk, file)))
    expect(unnamed).toEqual(Object.keys(notOurs))
  })
})

describe('docs/linkerd.md', () => {
  test('has one line for each quirk, in order', () => {
    expect(rows.map(({ quirk }) => quirk)).toEqual(Array.from({ length: LAST_QUIRK }, (_, index) => `Q${index + 1}`))
  })

  test('says of each what Linkerd does, what is done here, and how that stands', () => {
    for (const { quirk, linkerd, here } of rows) {
      expect(linkerd.length, quirk).toBeGreaterThan(15)
      expect(here, quirk).toMatch(/^(fixed|same|partly|not ours)\b.*: |^(fixed|same)\b.{10}/)
    }
    expect(rows.filter(({ here }) => here.startsWith('not ours')).map(({ quirk }) => quirk)).toEqual(
      Object.keys(notOurs),
    )
  })

  test('names for each that is ours a room and the words of a test there, which names the quirk', () => {
    const ours = rows.filter(({ quirk }) => !(quirk in notOurs))
    expect(ours.map(faultOf).filter((fault) => fault !== undefined)).toEqual([])
  })

  test('the check can fail: a room, words or a quirk that are not there', () => {
    const row = { quirk: 'Q2', linkerd: '', here: '' }
    expect(faultOf({ ...row, shownBy: 'nowhere: has 127 random bits' })).toContain('no test of nowhere')
    expect(faultOf({ ...row, shownBy: 'certificate: has 12 random bits' })).toContain('says "has 12 random bits"')
    expect(faultOf({ ...row, shownBy: '' })).toContain('expected')
    expect(faultOf({ ...row, quirk: 'Q42', shownBy: 'certificate: has 127 random bits' })).toContain('names it')
  })
})
