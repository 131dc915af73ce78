import { mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createKubernetesVolume, createPlainMount } from '@meshid/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'meshid-volume-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('a volume as the kubelet keeps it', () => {
  test('has one timestamped folder, ..data and a link for each visible name', async () => {
    const { path } = await createKubernetesVolume(join(folder, 'one'), { 'tls.crt': 'a', 'sub/ca.crt': 'b' })
    const generation = await readlink(join(path, '..data'))
    expect(generation).toMatch(/^\.\.\d{4}_\d\d_\d\d_\d\d_\d\d_\d\d\.\d+$/)
    expect((await readdir(path)).toSorted()).toEqual([generation, '..data', 'sub', 'tls.crt'].toSorted())
    expect(await readlink(join(path, 'tls.crt'))).toBe('..data/tls.crt')
    expect(await readlink(join(path, 'sub'))).toBe('..data/sub')
    expect(await readFile(join(path, 'sub/ca.crt'), 'utf8')).toBe('b')
  })

  test('an update swaps the folder and removes the old one and the stale names', async () => {
    const { path, update } = await createKubernetesVolume(join(folder, 'two'), { 'tls.crt': 'a', 'tls.key': 'b' })
    const before = await readlink(join(path, '..data'))
    await update({ 'tls.crt': 'c', token: 'd' })
    const after = await readlink(join(path, '..data'))
    expect(after).not.toBe(before)
    expect((await readdir(path)).toSorted()).toEqual([after, '..data', 'tls.crt', 'token'].toSorted())
    expect(await readFile(join(path, 'tls.crt'), 'utf8')).toBe('c')
  })

  test('an update that changes nothing does nothing', async () => {
    const { path, update } = await createKubernetesVolume(join(folder, 'three'), { token: 'a' })
    const before = await readlink(join(path, '..data'))
    await update({ token: 'a' })
    expect(await readlink(join(path, '..data'))).toBe(before)
  })

  test.each(['..data', '../x', '/x', 'a//b', 'a/../b'])('refuses the name %j', async (name) => {
    await expect(createKubernetesVolume(join(folder, 'four'), { [name]: '' })).rejects.toThrow(RangeError)
  })
})

test('a plain mount can be left half-written', async () => {
  const { path, update, updateTorn } = await createPlainMount(join(folder, 'five'), { token: 'old token' })
  const finish = await updateTorn('token', 'new token', 4)
  expect(await readFile(join(path, 'token'), 'utf8')).toBe('new ')
  await finish()
  expect(await readFile(join(path, 'token'), 'utf8')).toBe('new token')
  await update({ token: 'x', 'sub/y': 'z' })
  expect(await readFile(join(path, 'sub/y'), 'utf8')).toBe('z')
})
