import { mkdtemp, readFile, rm, symlink, unlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { appendLines, type AppendLinesOptions } from '../src/audit/append-lines.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'meshid-audit-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** Options that keep what they are told. */
function keep(more: Partial<AppendLinesOptions> = {}) {
  const ended = { written: 0, dropped: 0 }
  const errors: unknown[] = []
  const options: AppendLinesOptions = {
    onEnd: (outcome, lines) => void (ended[outcome] += lines),
    onError: (error) => void errors.push(error),
    gap: (lines) => `${lines} lost`,
    ...more,
  }
  return { ended, errors, options }
}

test('lines are appended in their order, behind those that are there', async () => {
  const path = join(folder, 'order')
  const { ended, options } = keep()
  for (const round of [0, 1]) {
    const file = await appendLines(path, options)
    for (let line = 0; line < 1000; line += 1) file.append(String(round * 1000 + line))
    await file.close()
  }
  expect(await readFile(path, 'utf8')).toBe(Array.from({ length: 2000 }, (_, line) => `${line}\n`).join(''))
  expect(ended).toEqual({ written: 2000, dropped: 0 })
})

test('what is too much at once is dropped and counted, and the next line says how much is missing', async () => {
  const path = join(folder, 'full')
  const { ended, options } = keep({ maxWaiting: 20 })
  const file = await appendLines(path, options)
  for (let line = 0; line < 5; line += 1) file.append('ten chars.')
  await file.close()
  expect(ended).toEqual({ written: 2, dropped: 3 })
  const again = await appendLines(path, options)
  again.append('more')
  await again.close()
  expect(await readFile(path, 'utf8')).toBe('ten chars.\n3 lost\nten chars.\nmore\n')
})

test('a disk that is full loses lines and no more; they are told when there is room again', async () => {
  const path = join(folder, 'disk')
  await symlink('/dev/full', path)
  const { ended, errors, options } = keep()
  const file = await appendLines(path, options)
  file.append('lost')
  await expect.poll(() => ended.dropped).toBe(1)
  expect(errors).toMatchObject([{ code: 'ENOSPC' }])
  await unlink(path)
  file.reopen()
  file.append('kept')
  await file.close()
  expect(await readFile(path, 'utf8')).toBe('1 lost\nkept\n')
  expect(ended).toEqual({ written: 1, dropped: 1 })
})

test('when it cannot be opened anew the old file goes on', async () => {
  const path = join(folder, 'gone', 'audit')
  const { errors, options } = keep()
  await expect(appendLines(path, options)).rejects.toMatchObject({ code: 'ENOENT' })
  const target = join(folder, 'target')
  const link = join(folder, 'link')
  await symlink(target, link)
  const file = await appendLines(link, options)
  file.append('before')
  await unlink(link)
  await symlink(folder, link)
  file.reopen()
  file.append('after')
  await file.close()
  expect(errors).toMatchObject([{ code: 'EISDIR' }])
  expect(await readFile(target, 'utf8')).toBe('before\nafter\n')
})
