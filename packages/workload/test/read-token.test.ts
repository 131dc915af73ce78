import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createKubernetesVolume } from '@meshid/testkit'
import { MAX_TOKEN_BYTES, readToken } from '@meshid/workload'
import { expect, test } from 'vitest'
import { useFolders } from './folders.ts'
import { refusalOf } from './refusal.ts'

const newFolder = useFolders()

async function fileWith(content: string | Uint8Array): Promise<string> {
  const path = join(await newFolder(), 'token')
  await writeFile(path, content)
  return path
}

test('the bytes are those of the file, as they are', async () => {
  expect(await readToken(await fileWith('a.b.c\n'))).toEqual(new TextEncoder().encode('a.b.c\n'))
})

test('each call reads the file anew: the kubelet swaps it', async () => {
  const folder = await newFolder()
  const volume = await createKubernetesVolume(folder, { token: 'first' })
  expect(String(Buffer.from(await readToken(join(folder, 'token'))))).toBe('first')
  await volume.update({ token: 'second' })
  expect(String(Buffer.from(await readToken(join(folder, 'token'))))).toBe('second')
})

test.each(['', '\n', ' \t\r\n'])('an empty file is no token: %j', async (content) => {
  const path = await fileWith(content)
  const error = await refusalOf(() => readToken(path))
  expect(error).toMatchObject({ code: 'WORKLOAD_TOKEN_EMPTY', detail: { path } })
})

test('the longest token is read, one byte more is refused', async () => {
  expect(await readToken(await fileWith('a'.repeat(MAX_TOKEN_BYTES)))).toHaveLength(MAX_TOKEN_BYTES)
  const error = await refusalOf(async () => readToken(await fileWith('a'.repeat(MAX_TOKEN_BYTES + 1))))
  expect(error).toMatchObject({ code: 'WORKLOAD_TOKEN_TOO_LARGE', detail: { limit: MAX_TOKEN_BYTES } })
})

test('a file without an end is not read to its end', async () => {
  expect(await refusalOf(() => readToken('/dev/zero'))).toMatchObject({ code: 'WORKLOAD_TOKEN_TOO_LARGE' })
})

test.each([
  ['a missing file', 'missing', 'ENOENT'],
  ['a directory', '', 'EISDIR'],
])('%s cannot be read', async (_what, name, code) => {
  const path = join(await newFolder(), name)
  const error = await refusalOf(() => readToken(path))
  expect(error).toMatchObject({ code: 'WORKLOAD_TOKEN_UNREADABLE', detail: { path }, cause: { code } })
  expect(error.message).toBe(`token file ${path}: expected to read it, the system said ${code}`)
})
