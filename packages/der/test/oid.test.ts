import { DerReader, encodeOid, MAX_OID_BYTES, oidName, oids } from '@meshid/der'
import { describe, expect, test } from 'vitest'
import { codeOf, hex } from './code-of.ts'

const known: readonly [string, string][] = [
  ['1.2.840.10045.2.1', '06 07 2a 86 48 ce 3d 02 01'],
  ['1.3.101.112', '06 03 2b 65 70'],
  ['2.5.29.17', '06 03 55 1d 11'],
  ['0.0', '06 01 00'],
  ['0.39', '06 01 27'],
  ['1.39', '06 01 4f'],
  ['2.0', '06 01 50'],
  ['2.999.3', '06 03 88 37 03'],
  ['2.25.329800735698586629295641978511506172918', '06 14 69 83 f0 9d a7 eb cf de e0 c7 a1 a7 b2 c0 94 8c c8 f9 d7 76'],
  ['2.340282366920938463463374607431768211456', '06 13 84 80 80 80 80 80 80 80 80 80 80 80 80 80 80 80 80 80 50'],
]

describe('OBJECT IDENTIFIER (X.690 8.19)', () => {
  test.each(known)('%s', (dotted, text) => {
    expect(encodeOid(dotted)).toEqual(hex(text))
    expect(new DerReader(hex(text)).readOid()).toBe(dotted)
    expect(new DerReader(hex(text)).readOidBytes()).toEqual(hex(text).subarray(2))
  })

  test.each([
    ['empty', '06 00'],
    ['an arc with leading padding', '06 03 2a 80 01'],
    ['a first arc with leading padding', '06 02 80 01'],
    ['an arc that does not end', '06 02 2a 86'],
    ['longer than the limit', `06 81 81 ${'01'.repeat(MAX_OID_BYTES + 1)}`],
  ])('%s is refused', (_name, text) => {
    expect(codeOf(() => new DerReader(hex(text)).readOid())).toBe('DER_OID_INVALID')
    expect(codeOf(() => new DerReader(hex(text)).nextOid())).toBe('DER_OID_INVALID')
  })

  test.each(['', '1', '3.1', '1.40', '0.40', '1.2.', '.1.2', '1.02', '1.-2', 'one.two', `1.2${'.1'.repeat(128)}`])(
    'encodeOid(%j) is a caller bug',
    (dotted) => expect(() => encodeOid(dotted)).toThrow(RangeError),
  )
})

test('nextOidIs tells one identifier, and checks any other', () => {
  const wanted = encodeOid('2.5.29.17')
  expect(new DerReader(wanted).nextOidIs(wanted)).toBe(true)
  expect(new DerReader(encodeOid('2.5.29.18')).nextOidIs(wanted)).toBe(false)
  expect(codeOf(() => new DerReader(hex('06 03 2a 80 01')).nextOidIs(wanted))).toBe('DER_OID_INVALID')
})

describe('names', () => {
  test('every known identifier can be encoded and has one name', () => {
    const entries = Object.entries(oids)
    for (const [name, dotted] of entries) {
      expect(new DerReader(encodeOid(dotted)).readOid()).toBe(dotted)
      expect(oidName(dotted)).toBe(name)
    }
    expect(new Set(Object.values(oids)).size).toBe(entries.length)
  })

  test('an unknown identifier has no name', () => expect(oidName('1.2.3')).toBeUndefined())
})
