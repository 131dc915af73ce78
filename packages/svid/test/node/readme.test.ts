import { readFile } from 'node:fs/promises'
import { svidErrorCodes } from '@meshid/svid'
import { expect, test } from 'vitest'

test('the README lists each code with its meaning, and no other', async () => {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8')
  const rows = [...readme.matchAll(/^\| `(SVID_[A-Z_0-9]+)` +\| (.+?) +\|$/gm)].map(([, code, meaning]) => [
    code,
    meaning,
  ])
  expect(rows).toEqual(Object.entries(svidErrorCodes))
})
