import { RefreshError, refreshErrorCodes } from '@meshid/refresh'
import { expect, test } from 'vitest'

test('every code of the package says what it means and what to do', () => {
  for (const [code, meaning] of Object.entries(refreshErrorCodes)) {
    expect(code).toMatch(/^REFRESH_[A-Z_]+$/)
    expect(meaning).toMatch(/[;,] .+\.$/)
  }
})

test('an error carries its code, a frozen detail and its cause', () => {
  const cause = new Error('why')
  const error = new RefreshError('REFRESH_TIMEOUT', 'too late', { detail: { limit: 5 }, cause })
  expect(error).toMatchObject({ name: 'RefreshError', code: 'REFRESH_TIMEOUT', message: 'too late', cause })
  expect(Object.isFrozen(error.detail)).toBe(true)
  expect('cause' in new RefreshError('REFRESH_CLOSED', 'closed')).toBe(false)
})
