import { KeysError, keysErrorCodes } from '@meshid/keys'
import { describe, expect, it } from 'vitest'

describe('KeysError', () => {
  it('carries its code, a frozen detail and its cause', () => {
    const cause = new Error('below')
    const error = new KeysError('KEYS_ENCRYPTED', 'message', { detail: { found: 'x' }, cause })
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({
      name: 'KeysError',
      code: 'KEYS_ENCRYPTED',
      message: 'message',
      detail: { found: 'x' },
      cause,
    })
    expect(Object.isFrozen(error.detail)).toBe(true)
    expect('cause' in new KeysError('KEYS_ENCRYPTED', 'message')).toBe(false)
  })

  it.each(Object.entries(keysErrorCodes))('%s says what it means and what to do next', (code, text) => {
    expect(code).toMatch(/^KEYS_[A-Z_]+$/)
    expect(text).toMatch(/^[A-Z].*[;,].*\.$/)
  })
})
