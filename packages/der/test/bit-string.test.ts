import { DerReader, encodeBitString, encodeNamedBits } from '@meshid/der'
import { describe, expect, test } from 'vitest'
import { codeOf, hex } from './code-of.ts'

describe('BIT STRING (X.690 8.6, 11.2)', () => {
  test.each([
    ['03 01 00', 0, ''],
    ['03 02 00 ff', 0, 'ff'],
    ['03 02 01 fe', 1, 'fe'],
    ['03 03 07 ff 80', 7, 'ff 80'],
  ])('%s is read, and written back', (text, unusedBits, bytes) => {
    expect(new DerReader(hex(text)).readBitString()).toEqual({ unusedBits, bytes: hex(bytes) })
    expect(encodeBitString(hex(bytes), { unusedBits })).toEqual(hex(text))
  })

  test.each([
    ['no content', '03 00'],
    ['unused bits of nothing', '03 01 01'],
    ['eight unused bits', '03 02 08 00'],
    ['an unused bit that is set', '03 02 01 ff'],
    ['an unused bit that is set, of seven', '03 02 07 c0'],
  ])('%s is refused', (_name, text) => {
    expect(codeOf(() => new DerReader(hex(text)).readBitString())).toBe('DER_BIT_STRING_INVALID')
  })

  test.each([{ unusedBits: 8 }, { unusedBits: -1 }, { unusedBits: 0.5 }, { unusedBits: 1 }])(
    'encodeBitString of ff with %o is a caller bug',
    (options) => expect(() => encodeBitString(hex('ff'), options)).toThrow(RangeError),
  )

  test('encodeBitString of nothing has no unused bits', () => {
    expect(() => encodeBitString(hex(''), { unusedBits: 1 })).toThrow(RangeError)
  })
})

describe('named bits (X.690 11.2.2)', () => {
  test.each([
    ['03 01 00', 0],
    ['03 02 07 80', 0b1],
    ['03 02 01 06', 0b110_0000],
    ['03 03 07 80 80', 0b1_0000_0001],
    ['03 05 01 00 00 00 02', 2 ** 30],
  ])('%s', (text, mask) => {
    expect(new DerReader(hex(text)).readNamedBits()).toBe(mask)
    expect(encodeNamedBits(mask)).toEqual(hex(text))
  })

  test.each([
    ['a trailing zero bit', '03 02 00 80'],
    ['a trailing zero octet', '03 03 00 80 00'],
    ['more bits than fit', '03 05 00 00 00 00 01'],
  ])('%s is refused', (_name, text) => {
    expect(codeOf(() => new DerReader(hex(text)).readNamedBits())).toBe('DER_BIT_STRING_INVALID')
  })

  test.each([-1, 0.5, 2 ** 31])('encodeNamedBits(%d) is a caller bug', (mask) => {
    expect(() => encodeNamedBits(mask)).toThrow(RangeError)
  })
})
