import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

async function readTree(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const texts = await Promise.all(files.map(async (file) => [file.slice(folder.length), await readFile(file, 'utf8')]))
  return Object.fromEntries(texts.toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1))) as Record<string, string>
}

test('src/generated is what buf generates from proto/ today', async () => {
  const out = await mkdtemp(join(tmpdir(), 'meshid-buf-'))
  try {
    const bin = join(root, 'node_modules/.bin')
    const env = { ...process.env, PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}` }
    await promisify(execFile)(join(bin, 'buf'), ['generate', '--output', out], { cwd: root, env })
    const fresh = await readTree(join(out, 'src/generated'))
    expect(Object.keys(fresh)).toHaveLength(4)
    expect(await readTree(join(root, 'src/generated'))).toEqual(fresh)
  } finally {
    await rm(out, { recursive: true })
  }
}, 30_000)
