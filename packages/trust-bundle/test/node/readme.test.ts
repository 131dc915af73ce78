import { readFile } from 'node:fs/promises'
import { trustBundleErrorCodes } from '@meshid/trust-bundle'
import { expect, test } from 'vitest'

test('the README lists each code with its meaning, and no other', async () => {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8')
  const rows = [...readme.matchAll(/^\| `(TRUST_BUNDLE_[A-Z_0-9]+)` +\| (.+?) +\|$/gm)].map(([, code, meaning]) => [
    code,
    meaning,
  ])
  expect(rows).toEqual(Object.entries(trustBundleErrorCodes))
})
