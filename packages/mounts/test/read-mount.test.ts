import { execFile } from 'node:child_process'
import { mkdirSync, readlinkSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { chmod, mkdir, readlink, rm, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify, inspect } from 'node:util'
import { MAX_MOUNT_FILE_BYTES, MAX_READ_ATTEMPTS, readMount } from '@meshid/mounts'
import { createKubernetesVolume, createPlainMount } from '@meshid/testkit'
import { describe, expect, test, vi } from 'vitest'
import { useFolders } from './folders.ts'

vi.setConfig({ testTimeout: 60_000 }) // Above every deadline of the tests, so that those speak first.

const folder = useFolders()
const run = promisify(execFile)

describe('reading a volume of the kubelet', () => {
  test('reads all files below the folder that ..data names', async () => {
    const { path } = await createKubernetesVolume(folder(), { 'tls.crt': 'cert', 'tls.key': 'key', 'sub/ca.crt': 'ca' })
    const snapshot = await readMount(path, ['tls.key', 'sub/ca.crt', 'tls.key'])
    expect([...snapshot.files.keys()]).toEqual(['tls.key', 'sub/ca.crt'])
    expect(snapshot.text('sub/ca.crt')).toBe('ca')
    expect(snapshot.bytes('tls.key')).toEqual(new TextEncoder().encode('key'))
    expect(snapshot.source).toBe(resolve(path, await readlink(join(path, '..data'))))
  })

  test('has the same digest exactly when names and contents are the same', async () => {
    const volume = await createKubernetesVolume(folder(), { a: '1', b: '2' })
    const first = await readMount(volume.path, ['a', 'b'])
    await volume.update({ a: '1', b: '3' })
    const second = await readMount(volume.path, ['a', 'b'])
    await volume.update({ a: '1', b: '2' })
    const third = await readMount(volume.path, ['a', 'b'])
    expect(second.digest).not.toBe(first.digest)
    expect(third.digest).toBe(first.digest)
    expect(third.source).not.toBe(first.source)
    expect(first.digest).toMatch(/^[0-9a-f]{64}$/)
    expect((await readMount(volume.path, ['a'])).digest).not.toBe(first.digest)
  })

  test('names a file that this generation does not have', async () => {
    const { path } = await createKubernetesVolume(folder(), { 'tls.crt': 'cert' })
    await expect(readMount(path, ['tls.crt', 'tls.key'])).rejects.toMatchObject({
      name: 'MountsError',
      code: 'MOUNTS_FILE_MISSING',
      detail: { found: 'ENOENT', path: expect.stringMatching(/tls\.key$/) as string },
      message: expect.stringMatching(/^expected to read the file .*tls\.key, found ENOENT$/) as string,
    })
  })

  test('reads the first whole set of alternatives, and names a file of the first when none is whole', async () => {
    const volume = await createKubernetesVolume(folder(), { 'tls.crt': 'cert', 'tls.key': 'key' })
    const alternatives = [
      ['ca.crt', 'tls.crt'],
      ['tls.crt', 'tls.key'],
    ]
    const snapshot = await readMount(volume.path, ['crt.pem', 'key.pem'], { alternatives })
    expect([...snapshot.files.keys()]).toEqual(['tls.crt', 'tls.key'])
    await volume.update({ 'tls.crt': 'cert', 'tls.key': 'key', 'crt.pem': 'cert', 'key.pem': 'key' })
    const preferred = await readMount(volume.path, ['crt.pem', 'key.pem'], { alternatives })
    expect([...preferred.files.keys()]).toEqual(['crt.pem', 'key.pem'])
    expect(preferred.digest).not.toBe(snapshot.digest)
    await volume.update({ 'tls.crt': 'cert', 'crt.pem': 'cert' })
    await expect(readMount(volume.path, ['crt.pem', 'key.pem'], { alternatives })).rejects.toMatchObject({
      code: 'MOUNTS_FILE_MISSING',
      detail: { path: expect.stringMatching(/key\.pem$/) as string },
    })
    const plain = await createPlainMount(folder(), { 'tls.crt': 'cert', 'tls.key': 'key' })
    const other = await readMount(plain.path, ['crt.pem'], { alternatives })
    expect([...other.files.keys()]).toEqual(['tls.crt', 'tls.key'])
    await expect(readMount(plain.path, ['crt.pem'], { alternatives: [['../x']] })).rejects.toThrow(RangeError)
  })

  test('names the file when ..data leads nowhere', async () => {
    const path = folder()
    await mkdir(path)
    await symlink('..2026_11_21_10_00_00.1', join(path, '..data'))
    await expect(readMount(path, ['token'])).rejects.toMatchObject({ code: 'MOUNTS_FILE_MISSING' })
  })

  test('starts again when the folder vanishes between ..data and the files', async () => {
    const { path } = await createKubernetesVolume(folder(), { token: '0', other: '0' })
    for (let generation = 1; generation <= 20; generation += 1) {
      const reading = readMount(path, ['token', 'other'])
      swapNow(path, generation) // Nothing of this process runs in between: the reader knows the old folder, if any.
      const snapshot = await reading
      expect([snapshot.text('token'), snapshot.text('other')]).toEqual([`${generation}`, `${generation}`])
    }
  })

  test('gives concurrent readers one generation each while 200 swaps go on', async () => {
    const files = (generation: number) => ({
      'tls.crt': `certificate ${generation}`,
      'tls.key': `key ${generation}`,
      'ca.crt': `anchors ${generation}`.repeat(1_000),
    })
    const names = Object.keys(files(0))
    const volume = await createKubernetesVolume(folder(), files(0))
    const swapping = new AbortController()
    const seen = new Set<number>()
    const mixed: string[] = []
    const reader = async (): Promise<void> => {
      while (!swapping.signal.aborted) {
        const snapshot = await readMount(volume.path, names)
        const generation = Number(snapshot.text('tls.crt').slice('certificate '.length))
        const whole = Object.entries(files(generation)).every(([name, content]) => snapshot.text(name) === content)
        if (!whole) mixed.push(snapshot.source)
        seen.add(generation)
      }
    }
    const readers = [reader(), reader()]
    for (let generation = 1; generation <= 200; generation += 1) await volume.update(files(generation))
    swapping.abort()
    await Promise.all(readers)
    expect(mixed).toEqual([])
    expect(seen.size).toBeGreaterThan(5)
  })
})

describe('reading a directory of plain files (Q19)', () => {
  test('reads what is there', async () => {
    const { path } = await createPlainMount(folder(), { 'tls.crt': 'cert', 'tls.key': 'key' })
    const snapshot = await readMount(path, ['tls.crt', 'tls.key'])
    expect([snapshot.text('tls.crt'), snapshot.text('tls.key'), snapshot.source]).toEqual([
      'cert',
      'key',
      resolve(path),
    ])
  })

  test('takes a real folder called ..data for what it is', async () => {
    const { path } = await createPlainMount(folder(), { token: 'x' })
    await mkdir(join(path, '..data'))
    expect((await readMount(path, ['token'])).source).toBe(resolve(path))
  })

  test('never mixes two states of one file while it is overwritten', async () => {
    const content = (generation: number) => String(generation).padStart(4, '0').repeat(20_000)
    const { path, update } = await createPlainMount(folder(), { token: content(0) })
    const reading = new AbortController()
    const writer = async (): Promise<void> => {
      for (let generation = 1; !reading.signal.aborted; generation += 1) await update({ token: content(generation) })
    }
    const reader = async (): Promise<void> => {
      for (let count = 0; count < 20; count += 1) {
        const text = await readMount(path, ['token']).then((snapshot) => snapshot.text('token'), unstable)
        // The writer empties the file first: what is stable is all of a state, or the beginning of it.
        expect(content(Number(text.slice(0, 4))).startsWith(text)).toBe(true)
      }
    }
    const writing = writer()
    await Promise.all([reader(), reader()])
    reading.abort()
    await writing
  })

  test('gives up on a file that is another at every reading', async () => {
    await expect(readMount('/proc/sys/kernel/random', ['uuid'])).rejects.toMatchObject({
      code: 'MOUNTS_UNSTABLE',
      detail: { path: '/proc/sys/kernel/random', limit: MAX_READ_ATTEMPTS },
    })
  })
})

describe('a read that cannot be', () => {
  test('a directory that is not there', async () => {
    await expect(readMount(folder('nothing'), ['token'])).rejects.toMatchObject({ code: 'MOUNTS_DIRECTORY_MISSING' })
  })

  test('a file where the directory should be', async () => {
    const { path } = await createPlainMount(folder(), { token: 'x' })
    await expect(readMount(join(path, 'token'), ['token'])).rejects.toMatchObject({ code: 'MOUNTS_NOT_A_DIRECTORY' })
  })

  test('a directory or a pipe where the file should be', async () => {
    const { path } = await createPlainMount(folder(), { 'sub/token': 'x' })
    await run('mkfifo', [join(path, 'pipe')])
    await expect(readMount(path, ['sub'])).rejects.toMatchObject({ code: 'MOUNTS_NOT_A_FILE' })
    await expect(readMount(path, ['pipe'])).rejects.toMatchObject({ code: 'MOUNTS_NOT_A_FILE' })
  })

  test('links that lead in a circle, as the directory and as the file', async () => {
    const { path } = await createPlainMount(folder(), {})
    await symlink('b', join(path, 'a'))
    await symlink('a', join(path, 'b'))
    await expect(readMount(path, ['a'])).rejects.toMatchObject({ code: 'MOUNTS_SYMLINK_LOOP' })
    await expect(readMount(join(path, 'a'), ['token'])).rejects.toMatchObject({ code: 'MOUNTS_SYMLINK_LOOP' })
  })

  test('a ..data that names itself', async () => {
    const { path } = await createPlainMount(folder(), {})
    await symlink('..data', join(path, '..data'))
    await expect(readMount(path, ['token'])).rejects.toMatchObject({ code: 'MOUNTS_SYMLINK_LOOP' })
  })

  test('a file over the limit, by what it holds and not only by what it says', async () => {
    const { path } = await createPlainMount(folder(), { token: 'x'.repeat(101) })
    expect((await readMount(path, ['token'], { maxBytes: 101 })).bytes('token')).toHaveLength(101)
    await expect(readMount(path, ['token'], { maxBytes: 100 })).rejects.toMatchObject({
      code: 'MOUNTS_FILE_TOO_LARGE',
      detail: { limit: 100 },
    })
    await expect(readMount('/proc/self', ['stat'], { maxBytes: 8 })).rejects.toMatchObject({
      code: 'MOUNTS_FILE_TOO_LARGE',
    })
  })

  test('a file of exactly the default limit is read, one of a byte more is not', async () => {
    const { path } = await createPlainMount(folder(), { token: new Uint8Array(MAX_MOUNT_FILE_BYTES) })
    expect((await readMount(path, ['token'])).bytes('token')).toHaveLength(MAX_MOUNT_FILE_BYTES)
    await writeFile(join(path, 'token'), new Uint8Array(MAX_MOUNT_FILE_BYTES + 1))
    await expect(readMount(path, ['token'])).rejects.toMatchObject({ code: 'MOUNTS_FILE_TOO_LARGE' })
  })

  test('a file that says it is empty but is not, as in /proc, is read to its end', async () => {
    expect((await readMount('/proc/sys/kernel', ['ostype'])).text('ostype')).toBe('Linux\n')
  })

  test('a file that this user may not read', async () => {
    const { path } = await createPlainMount(folder(), { token: 'x' })
    await chmod(join(path, 'token'), 0o000)
    const code = await readAsNobody(path, 'token')
    expect(code).toBe('MOUNTS_PERMISSION_DENIED')
  })

  test('a name that leads out of the directory, no name, or a limit that cannot be', async () => {
    for (const name of ['', '.', '..', '../x', '/x', 'a//b', 'a/../b', 'a\0b']) {
      await expect(readMount('/', [name])).rejects.toThrow(RangeError)
    }
    await expect(readMount('/', [])).rejects.toThrow(RangeError)
    await expect(readMount('/', ['a'], { maxBytes: 0 })).rejects.toThrow(RangeError)
  })

  test("a signal that has aborted, with the signal's own reason", async () => {
    const reason = new Error('no more')
    const { path } = await createPlainMount(folder(), { token: 'x' })
    await expect(readMount(path, ['token'], { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })

  test('a file of the system that refuses for another reason', async () => {
    await expect(readMount('/proc/self', ['mem'])).rejects.toMatchObject({ code: 'MOUNTS_IO_FAILED' })
  })
})

describe('a snapshot', () => {
  test('shows names and sizes, never content', async () => {
    const { path } = await createPlainMount(folder(), { token: 'very secret' })
    const snapshot = await readMount(path, ['token'])
    for (const text of [inspect(snapshot), JSON.stringify(snapshot)]) {
      expect(text).toContain('[redacted] 11 bytes')
      expect(text).not.toContain('very secret')
    }
    expect(Object.isFrozen(snapshot)).toBe(true)
  })

  test('refuses a name that it was not asked for, and bytes that are no text', async () => {
    const { path } = await createPlainMount(folder(), { token: new Uint8Array([0xff, 0xfe]) })
    const snapshot = await readMount(path, ['token'])
    expect(() => snapshot.bytes('tls.crt')).toThrow(RangeError)
    expect(() => snapshot.text('token')).toThrow(expect.objectContaining({ code: 'MOUNTS_NOT_TEXT' }))
  })

  test('outlives the files it was read from', async () => {
    const { path } = await createPlainMount(folder(), { token: 'x' })
    const snapshot = await readMount(path, ['token'])
    await rm(path, { recursive: true })
    expect(snapshot.text('token')).toBe('x')
  })
})

/** One swap of the kubelet's in a single stroke. */
function swapNow(path: string, generation: number): void {
  const old = readlinkSync(join(path, '..data'))
  mkdirSync(join(path, `..next.${generation}`))
  for (const name of ['token', 'other']) writeFileSync(join(path, `..next.${generation}`, name), `${generation}`)
  symlinkSync(`..next.${generation}`, join(path, '..data_tmp'))
  renameSync(join(path, '..data_tmp'), join(path, '..data'))
  rmSync(join(path, old), { recursive: true })
}

/** What a reader may get instead of a file that is being written. */
function unstable(error: unknown): string {
  expect(error).toMatchObject({ code: 'MOUNTS_UNSTABLE' })
  return ''
}

/** Reads in another process, as the user nobody when this one is root (whom no permission stops); gives the code. */
async function readAsNobody(path: string, name: string): Promise<string> {
  const script = `import { readMount } from '@meshid/mounts'
    readMount(process.argv[1], [process.argv[2]]).then(() => console.log('read'), ({ code }) => console.log(code))`
  const asNobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
  const flags = ['--conditions=@meshid/source', '--input-type=module', '--eval', script]
  await chmod(join(path, '..'), 0o755)
  const { stdout } = await run(process.execPath, [...flags, path, name], asNobody)
  return stdout.trim()
}
