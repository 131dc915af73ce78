import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'

/** Gives each test of a file fresh folders below one temporary folder that is removed at the end. */
export function useFolders(): () => Promise<string> {
  let root = ''
  let count = 0
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'meshid-workload-'))
  })
  afterAll(() => rm(root, { recursive: true, force: true }))
  return async () => {
    const folder = join(root, `${(count += 1)}`)
    await mkdir(folder)
    return folder
  }
}
