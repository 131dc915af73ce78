import { checkDer, encodeSequence } from '@meshid/der'
import { describe, expect, test } from 'vitest'
import { codeOf, hex } from './code-of.ts'

describe('checkDer', () => {
  test.each([
    ['nested', '30 0a 30 05 02 01 05 05 00 01 01 ff'],
    ['context tags whose content is unknown', '30 06 80 01 ff 81 01 00'],
    ['explicit context tag', 'a0 03 02 01 05'],
    ['an enumerated', '0a 01 05'],
    ['strings', '30 06 0c 01 61 13 01 62'],
    ['a SET OF with equal elements', '31 06 02 01 01 02 01 01'],
    ['a SET that ascends by tag number but not by octet', '31 06 a0 02 05 00 81 00'],
    ['a SET that ascends by octet but not by tag number', '31 06 81 00 a0 02 05 00'],
    ['a bit string, an object identifier', '30 08 03 02 01 fe 06 02 2a 03'],
  ])('accepts %s', (_name, text) => expect(codeOf(() => checkDer(hex(text)))).toBeUndefined())

  test.each([
    ['nothing', '', 'DER_TAG_MISMATCH'],
    ['two elements', '05 00 05 00', 'DER_TRAILING_BYTES'],
    ['a long boolean', '30 04 01 02 00 00', 'DER_BOOLEAN_INVALID'],
    ['a boolean of BER', '01 01 01', 'DER_BOOLEAN_INVALID'],
    ['a null with content', '05 01 00', 'DER_NULL_INVALID'],
    ['a padded integer', 'a0 04 02 02 00 01', 'DER_INTEGER_INVALID'],
    ['a padded enumerated', '0a 02 00 01', 'DER_INTEGER_INVALID'],
    ['a bit string with dirty bits', '03 02 01 ff', 'DER_BIT_STRING_INVALID'],
    ['a padded arc', '06 03 2a 80 01', 'DER_OID_INVALID'],
    ['a string of another alphabet', '13 01 2a', 'DER_STRING_INVALID'],
    ['a SET OF out of order', '31 06 02 01 02 02 01 01', 'DER_SET_NOT_SORTED'],
    ['end of contents', '30 02 00 00', 'DER_TAG_INVALID'],
    ['a constructed string', '24 03 04 01 61', 'DER_TAG_INVALID'],
    ['a primitive sequence', '10 00', 'DER_TAG_INVALID'],
    ['an indefinite length', '30 80 00 00', 'DER_LENGTH_INDEFINITE'],
    ['an element that is cut short', '30 02 02 01', 'DER_TRUNCATED'],
  ] as const)('refuses %s', (_name, text, code) => expect(codeOf(() => checkDer(hex(text)))).toBe(code))

  test('refuses what is too deep or too large', () => {
    let nested = encodeSequence()
    for (let depth = 1; depth < 32; depth++) nested = encodeSequence(nested)
    expect(codeOf(() => checkDer(nested))).toBeUndefined()
    expect(codeOf(() => checkDer(encodeSequence(nested)))).toBe('DER_TOO_DEEP')
    expect(codeOf(() => checkDer(nested, { maxDepth: 31 }))).toBe('DER_TOO_DEEP')
    expect(codeOf(() => checkDer(nested, { maxBytes: nested.length - 1 }))).toBe('DER_TOO_LARGE')
  })

  test('a million nested headers cost one error, not the stack', () => {
    expect(codeOf(() => checkDer(new Uint8Array(0x100000).fill(0x30)))).toBe('DER_TRUNCATED')
  })
})
