import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openEndEntityDirectory } from '@meshid/workload'
import { expect, test } from 'vitest'
import { useFolders } from './folders.ts'
import { refusalOf } from './refusal.ts'

const newFolder = useFolders()

test('a writable directory is taken, and nothing is left in it', async () => {
  const path = await newFolder()
  const directory = await openEndEntityDirectory(path)
  expect(directory).toEqual({ path, keyPath: join(path, 'key.p8'), csrPath: join(path, 'csr.der') })
  expect(Object.isFrozen(directory)).toBe(true)
  expect(await readdir(path)).toEqual([])
})

test('no path, as when the variable is not set', async () => {
  const error = await refusalOf(() => openEndEntityDirectory(''))
  expect(error).toMatchObject({ code: 'WORKLOAD_DIRECTORY_MISSING', detail: { path: '""' } })
})

test('a directory that is not there: it is not made, because its volume is missing', async () => {
  const path = join(await newFolder(), 'missing')
  const error = await refusalOf(() => openEndEntityDirectory(path))
  expect(error).toMatchObject({ code: 'WORKLOAD_DIRECTORY_MISSING', detail: { path }, cause: { code: 'ENOENT' } })
  expect(error.message).toBe(`end-entity directory ${path}: expected a directory, found nothing`)
})

test('a file instead of a directory', async () => {
  const path = join(await newFolder(), 'file')
  await writeFile(path, '')
  const error = await refusalOf(() => openEndEntityDirectory(path))
  expect(error).toMatchObject({ code: 'WORKLOAD_DIRECTORY_NOT_A_DIRECTORY', detail: { path } })
  expect('cause' in error).toBe(false)
})

test('a path through a file', async () => {
  const path = join(await newFolder(), 'file')
  await writeFile(path, '')
  const error = await refusalOf(() => openEndEntityDirectory(join(path, 'below')))
  expect(error).toMatchObject({ code: 'WORKLOAD_FILE_UNREADABLE', cause: { code: 'ENOTDIR' } })
})

test('a directory that takes no files, not even of root', async () => {
  const error = await refusalOf(() => openEndEntityDirectory('/proc'))
  expect(error).toMatchObject({ code: 'WORKLOAD_DIRECTORY_NOT_WRITABLE', detail: { path: '/proc' } })
  expect(error.message).toMatch(/^end-entity directory \/proc: expected to write a file, the system said E[A-Z]+$/)
})
