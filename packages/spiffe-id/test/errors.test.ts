import { parseSpiffeId, SpiffeIdError, spiffeIdErrorCodes } from '@meshid/spiffe-id'
import { describe, expect, it } from 'vitest'
import { refusal } from './refusal.ts'

describe('SpiffeIdError', () => {
  it('says what was expected, what was found and where, and is frozen inside', () => {
    const error = refusal(() => parseSpiffeId('spiffe://td/a%2Fb'))
    expect(error).toBeInstanceOf(Error)
    expect(error.name).toBe('SpiffeIdError')
    expect(error.message).toBe('expected no percent-encoding at offset 13, found "%" (0x25)')
    expect(error.detail).toEqual({ expected: 'no percent-encoding', found: '"%" (0x25)', offset: 13 })
    expect(Object.isFrozen(error.detail)).toBe(true)
    expect('cause' in error).toBe(false)
  })

  it('never repeats the input', () => {
    const { message, detail } = refusal(() => parseSpiffeId('spiffe://user:hunter2@td/a'))
    expect(message + JSON.stringify(detail)).not.toContain('hunter2')
  })

  it('carries a cause when there is one', () => {
    const cause = new Error('deeper')
    expect(new SpiffeIdError('SPIFFE_ID_MISMATCH', 'expected a, found b', { cause }).cause).toBe(cause)
  })

  it('every code has the prefix of the package and one sentence', () => {
    for (const [code, meaning] of Object.entries(spiffeIdErrorCodes)) {
      expect(code).toMatch(/^SPIFFE_ID_[A-Z_]+$/)
      expect(meaning).toMatch(/\.$/)
    }
  })
})
