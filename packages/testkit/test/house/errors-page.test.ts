import { join } from 'node:path'
import { expect, test } from 'vitest'
import { errorsPage } from '../../src/pages/errors-page.ts'
import { projectRoot } from '../../src/pages/source-files.ts'

test('docs/errors.md is what the code tables say', async () => {
  const page = errorsPage()
  expect(page.match(/^\| `/gm)?.length).toBeGreaterThan(50)
  await expect(page).toMatchFileSnapshot(join(projectRoot, 'docs/errors.md'))
})
