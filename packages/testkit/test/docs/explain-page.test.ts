import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createProgram } from '@meshid/cli'
import { expect, test } from 'vitest'
import { type BrokenChain, brokenChains } from '../../src/pages/broken-chains.ts'
import { explainPage, type ExplainTranscript } from '../../src/pages/explain-page.ts'
import { projectRoot } from '../../src/pages/source-files.ts'

const now = new Date('2026-03-04T12:00:00Z')

/** Runs the command on the files of a chain. */
async function run({ files, options }: BrokenChain, folder: string, ...more: readonly string[]): Promise<string> {
  let out = ''
  let err = ''
  const program = createProgram({
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    now: () => now,
    env: {},
    stdin: (async function* () {})(),
  })
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content)
  const args = options.split(' ').map((word) => (word in files ? join(folder, word) : word))
  const code = await program.run(['certificate', 'explain', ...args, ...more])
  expect({ code, err }).toEqual({ code: 1, err: '' })
  return out
}

async function transcripts(): Promise<readonly ExplainTranscript[]> {
  const folder = await mkdtemp(join(tmpdir(), 'meshid-explain-'))
  try {
    const all: ExplainTranscript[] = []
    for (const chain of brokenChains(now)) {
      const text = await run(chain, folder)
      all.push({ chain, text, fix: JSON.parse(await run(chain, folder, '--json')).reason.fix })
    }
    return all
  } finally {
    await rm(folder, { recursive: true })
  }
}

const found = await transcripts()

test('docs/explain.md is what the command prints', async () => {
  expect(found.length).toBeGreaterThanOrEqual(10)
  await expect(explainPage(found, now)).toMatchFileSnapshot(join(projectRoot, 'docs/explain.md'))
})

test.each(found)('$chain.title: the explanation itself says what to fix', ({ text, fix }) => {
  expect(text.replaceAll(/\s+/g, ' ')).toContain(`What to fix: ${fix}`)
})

test('every chain has another reason or another story, and the same octets in every run', () => {
  expect(new Set(found.map(({ fix }) => fix)).size).toBe(found.length)
  expect(brokenChains(now)).toEqual(brokenChains(now))
})
