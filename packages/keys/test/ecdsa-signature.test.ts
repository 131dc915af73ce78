import { decodeEcdsaSignature, encodeEcdsaSignature } from '@meshid/keys'
import { describe, expect, it } from 'vitest'
import { codeOf, hex } from './support.ts'

const MALFORMED = 'KEYS_SIGNATURE_MALFORMED'

describe('encodeEcdsaSignature', () => {
  it.each([
    ['small numbers', `${'01'.padStart(64, '0')}${'02'.padStart(64, '0')}`, '3006020101020102'],
    [
      'a leading zero where the first bit is set',
      `${'80'.padStart(64, '0')}${'7f'.padStart(64, '0')}`,
      '30070202008002017f',
    ],
    ['full width', 'ff'.repeat(64), `3046022100${'ff'.repeat(32)}022100${'ff'.repeat(32)}`],
  ])('writes %s', (_, p1363, der) => {
    expect(encodeEcdsaSignature(hex(p1363), 'P-256')).toEqual(hex(der))
    expect(decodeEcdsaSignature(hex(der), 'P-256')).toEqual(hex(p1363))
  })

  it('refuses another width, and zero', () => {
    expect(codeOf(() => encodeEcdsaSignature(new Uint8Array(64).fill(1), 'P-384'))).toBe(MALFORMED)
    expect(codeOf(() => encodeEcdsaSignature(new Uint8Array(63).fill(1), 'P-256'))).toBe(MALFORMED)
    expect(codeOf(() => encodeEcdsaSignature(new Uint8Array(64), 'P-256'))).toBe(MALFORMED)
    expect(codeOf(() => encodeEcdsaSignature(new Uint8Array(64).fill(1, 0, 32), 'P-256'))).toBe(MALFORMED)
  })
})

describe('decodeEcdsaSignature', () => {
  it.each([
    ['nothing', ''],
    ['no content', '3000'],
    ['one number', '3003020101'],
    ['three numbers', '3009020101020101020101'],
    ['trailing bytes', '300602010102010100'],
    ['trailing bytes inside', '30080201010201010500'],
    ['zero', '3006020100020101'],
    ['a negative number', '3006020181020101'],
    ['padding', '300702020001020101'],
    ['an empty number', '3005020002 0101'.replace(' ', '')],
    ['a long length', '308106020101020101'],
    ['an indefinite length', '30800201010201010000'],
    ['a number wider than the field', `3026022101${'00'.repeat(32)}020101`],
    ['a number much wider than the field', `3027022200${'ff'.repeat(33)}020101`],
    ['another tag', '3006030101020101'],
    ['a set', '3106020101020101'],
    ['a truncated number', '3006020101020201'],
  ])('refuses %s', (_, der) => {
    expect(codeOf(() => decodeEcdsaSignature(hex(der), 'P-256'))).toBe(MALFORMED)
  })
})
