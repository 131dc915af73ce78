import { DerError, derErrorCodes } from '@meshid/der'
import { expect, test } from 'vitest'

test('a message says what was expected, what was found and where', () => {
  const error = new DerError('DER_TAG_MISMATCH', { offset: 4, expected: 'oid (0x06)', found: 'null (0x05)' })
  expect(error).toBeInstanceOf(Error)
  expect(error.name).toBe('DerError')
  expect(error.message).toBe('DER_TAG_MISMATCH: expected oid (0x06), found null (0x05) (offset 4)')
  expect(new DerError('DER_TOO_DEEP', { limit: 3 }).message).toBe('DER_TOO_DEEP: limit 3')
  expect(new DerError('DER_PEM_EMPTY', { line: 3 }).message).toBe('DER_PEM_EMPTY (line 3)')
  expect(new DerError('DER_PEM_EMPTY').message).toBe('DER_PEM_EMPTY')
})

test('the detail is frozen and the cause is kept', () => {
  const cause = new Error('why')
  const error = new DerError('DER_TOO_DEEP', { limit: 3 }, { cause })
  expect(Object.isFrozen(error.detail)).toBe(true)
  expect(error.cause).toBe(cause)
})

test('every code is explained in a sentence', () => {
  for (const [code, sentence] of Object.entries(derErrorCodes)) {
    expect(code).toMatch(/^DER_[A-Z0-9_]+$/)
    expect(sentence).toMatch(/^[A-Z].+\.$/)
  }
})
