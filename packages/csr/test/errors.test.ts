import { CsrError, csrErrorCodes } from '@meshid/csr'
import { expect, test } from 'vitest'

test('a message says what was expected, what was found and the limit', () => {
  expect(new CsrError('CSR_TOO_LARGE', { found: '20000 bytes', limit: 16_384 }).message).toBe(
    'CSR_TOO_LARGE: found 20000 bytes, limit 16384',
  )
  expect(new CsrError('CSR_SIGNATURE_INVALID').message).toBe(
    `CSR_SIGNATURE_INVALID: ${csrErrorCodes.CSR_SIGNATURE_INVALID}`,
  )
  expect(new CsrError('CSR_URI_MISMATCH', { expected: 'a', found: 'b' }).message).toBe(
    'CSR_URI_MISMATCH: expected a, found b',
  )
})

test('the detail is frozen and the cause is kept', () => {
  const cause = new Error('why')
  const error = new CsrError('CSR_MALFORMED', { found: 'x' }, { cause })
  expect(Object.isFrozen(error.detail)).toBe(true)
  expect(error.cause).toBe(cause)
  expect(error.name).toBe('CsrError')
})

test('every code is explained in a sentence', () => {
  for (const [code, sentence] of Object.entries(csrErrorCodes)) {
    expect(code).toMatch(/^CSR_[A-Z0-9_]+$/)
    expect(sentence).toMatch(/^[A-Z].+\.$/)
  }
})
