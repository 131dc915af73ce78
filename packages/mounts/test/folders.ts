import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'

/** Gives each test of a file a fresh path below one temporary folder that is removed at the end. */
export function useFolders(): (name?: string) => string {
  let root = ''
  let count = 0
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'meshid-mounts-'))
  })
  afterAll(() => rm(root, { recursive: true, force: true }))
  return (name = 'mount') => join(root, `${(count += 1)}-${name}`)
}
