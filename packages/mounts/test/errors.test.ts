import { MountsError, mountsErrorCodes } from '@meshid/mounts'
import { expect, test } from 'vitest'

test('every code of the package says what it means and what to do', () => {
  for (const [code, meaning] of Object.entries(mountsErrorCodes)) {
    expect(code).toMatch(/^MOUNTS_[A-Z_]+$/)
    expect(meaning).toMatch(/[;,] .+\.$/)
  }
})

test('an error carries its code, a frozen detail and its cause', () => {
  const error = new MountsError('MOUNTS_CLOSED', 'closed', { detail: { path: '/x' } })
  expect(error).toMatchObject({ name: 'MountsError', code: 'MOUNTS_CLOSED', detail: { path: '/x' } })
  expect(Object.isFrozen(error.detail)).toBe(true)
  expect('cause' in error).toBe(false)
})
