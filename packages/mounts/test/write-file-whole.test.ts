import { mkdir, readdir, readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileWhole } from '@meshid/mounts'
import { describe, expect, test, vi } from 'vitest'
import { useFolders } from './folders.ts'

vi.setConfig({ testTimeout: 60_000 }) // Above every deadline of the tests, so that those speak first.

const folder = useFolders()
const bytes = new TextEncoder().encode('-----BEGIN PRIVATE KEY-----')

async function fresh(): Promise<string> {
  const path = folder()
  await mkdir(path)
  return path
}

describe('writing a file whole', () => {
  test.each([0o600, 0o644, 0o666, 0o400])(
    'gives it the content and exactly mode %o, whatever the umask',
    async (mode) => {
      const path = join(await fresh(), 'key.p8')
      await writeFileWhole(path, bytes, { mode })
      expect(new Uint8Array(await readFile(path))).toEqual(bytes)
      expect((await stat(path)).mode & 0o777).toBe(mode)
    },
  )

  test('replaces what is there, and leaves nothing else behind', async () => {
    const directory = await fresh()
    const path = join(directory, 'key.p8')
    await writeFile(path, 'old and longer than the new one, by far', { mode: 0o644 })
    await writeFileWhole(path, bytes, { mode: 0o600 })
    expect(new Uint8Array(await readFile(path))).toEqual(bytes)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await readdir(directory)).toEqual(['key.p8'])
  })

  test('replaces a symbolic link and does not write through it', async () => {
    const directory = await fresh()
    await writeFile(join(directory, 'target'), 'precious')
    await symlink('target', join(directory, 'key.p8'))
    await writeFileWhole(join(directory, 'key.p8'), bytes, { mode: 0o600 })
    await expect(readlink(join(directory, 'key.p8'))).rejects.toMatchObject({ code: 'EINVAL' })
    expect(await readFile(join(directory, 'target'), 'utf8')).toBe('precious')
  })

  test('is never seen in part by readers', async () => {
    const path = join(await fresh(), 'token')
    const content = (generation: number) => new Uint8Array(200_000).fill(generation)
    await writeFileWhole(path, content(0), { mode: 0o600 })
    const writing = new AbortController()
    const read = async (): Promise<void> => {
      while (!writing.signal.aborted) {
        const found = new Uint8Array(await readFile(path))
        expect(found.length === 200_000 && found.every((byte) => byte === found[0])).toBe(true)
      }
    }
    const readers = [read(), read()]
    for (let generation = 1; generation <= 20; generation += 1) {
      await writeFileWhole(path, content(generation), { mode: 0o600 })
    }
    writing.abort()
    await Promise.all(readers)
  })

  test('says what is wrong with the path, and removes its temporary file', async () => {
    const directory = await fresh()
    await mkdir(join(directory, 'key.p8'))
    await writeFile(join(directory, 'file'), '')
    const write = (name: string) => writeFileWhole(join(directory, name), bytes, { mode: 0o600 })
    await expect(write('key.p8')).rejects.toMatchObject({ code: 'MOUNTS_NOT_A_FILE', cause: { code: 'EISDIR' } })
    await expect(write('nothing/key.p8')).rejects.toMatchObject({ code: 'MOUNTS_DIRECTORY_MISSING' })
    await expect(write('file/key.p8')).rejects.toMatchObject({ code: 'MOUNTS_NOT_A_DIRECTORY' })
    expect((await readdir(directory)).toSorted()).toEqual(['file', 'key.p8'])
  })

  test('says that it may not write there', async () => {
    await expect(writeFileWhole('/proc/1/key.p8', bytes, { mode: 0o600 })).rejects.toMatchObject({
      name: 'MountsError',
      detail: { path: '/proc/1/key.p8' },
    })
  })

  test.each([-1, 0o1000, 1.5, Number.NaN])('refuses mode %d', async (mode) => {
    await expect(writeFileWhole('/x', bytes, { mode })).rejects.toThrow(RangeError)
  })
})
