import { DerReader, encodeInteger } from '@meshid/der'
import { describe, expect, test } from 'vitest'
import { codeOf, hex } from './code-of.ts'

describe('reading an INTEGER (X.690 8.3)', () => {
  test.each([
    ['02 01 00', 0],
    ['02 01 7f', 127],
    ['02 02 00 80', 128],
    ['02 01 80', -128],
    ['02 02 ff 7f', -129],
    ['02 06 7f ff ff ff ff ff', 2 ** 47 - 1],
    ['02 06 80 00 00 00 00 00', -(2 ** 47)],
  ])('%s is %d', (text, value) => {
    expect(new DerReader(hex(text)).readSmallInteger()).toBe(value)
    expect(encodeInteger(value)).toEqual(hex(text))
  })

  test.each(['02 00', '02 02 00 00', '02 02 00 7f', '02 02 ff ff', '02 02 ff 80', '02 03 00 00 80'])(
    '%s is not minimal',
    (text) => {
      expect(codeOf(() => new DerReader(hex(text)).readSmallInteger())).toBe('DER_INTEGER_INVALID')
      expect(codeOf(() => new DerReader(hex(text)).readInteger())).toBe('DER_INTEGER_INVALID')
    },
  )

  test('a small integer has at most 48 bits, a long one any length', () => {
    const text = '02 07 01 00 00 00 00 00 00'
    expect(codeOf(() => new DerReader(hex(text)).readSmallInteger())).toBe('DER_INTEGER_RANGE')
    expect(new DerReader(hex(text)).readInteger()).toEqual(hex('01 00 00 00 00 00 00'))
  })
})

describe('encodeInteger', () => {
  test('takes a bigint of any size', () => {
    expect(encodeInteger(2n ** 64n)).toEqual(hex('02 09 01 00 00 00 00 00 00 00 00'))
    expect(encodeInteger(-(2n ** 63n))).toEqual(hex('02 08 80 00 00 00 00 00 00 00'))
  })

  test('takes bytes as an unsigned magnitude', () => {
    expect(encodeInteger(hex('00 00 01'))).toEqual(hex('02 01 01'))
    expect(encodeInteger(hex('80'))).toEqual(hex('02 02 00 80'))
    expect(encodeInteger(hex('00'))).toEqual(hex('02 01 00'))
  })

  test.each([1.5, Number.NaN, 2 ** 53, new Uint8Array(0)])('%o is a caller bug', (value) => {
    expect(() => encodeInteger(value)).toThrow(RangeError)
  })
})
