import { checkDer, DerReader, encodeElement, encodeTime, Tag } from '@meshid/der'
import { describe, expect, test } from 'vitest'
import { codeOf } from './code-of.ts'

const ascii = (text: string) => new TextEncoder().encode(text)
const utc = (text: string) => encodeElement(Tag.utcTime, ascii(text))
const generalized = (text: string) => encodeElement(Tag.generalizedTime, ascii(text))
const read = (bytes: Uint8Array) => new DerReader(bytes).readTime().toISOString()

describe('times of X.509 (RFC 5280 4.1.2.5)', () => {
  test.each([
    [utc('500101000000Z'), '1950-01-01T00:00:00.000Z'],
    [utc('700101000000Z'), '1970-01-01T00:00:00.000Z'],
    [utc('991231235959Z'), '1999-12-31T23:59:59.000Z'],
    [utc('000229120000Z'), '2000-02-29T12:00:00.000Z'],
    [utc('261121224841Z'), '2026-11-21T22:48:41.000Z'],
    [utc('491231235959Z'), '2049-12-31T23:59:59.000Z'],
    [generalized('20500101000000Z'), '2050-01-01T00:00:00.000Z'],
    [generalized('99991231235959Z'), '9999-12-31T23:59:59.000Z'],
  ])('%o is %s', (bytes, iso) => {
    expect(read(bytes)).toBe(iso)
    expect(encodeTime(new Date(iso))).toEqual(bytes)
    expect(codeOf(() => checkDer(bytes))).toBeUndefined()
  })

  test.each([
    utc('2611212248Z'),
    utc('261121224841'),
    utc('261121224841+0000'),
    utc('261121224841z'),
    utc('26112122484 Z'),
    utc('20261121224841Z'),
    utc('261321224841Z'),
    utc('260021224841Z'),
    utc('261100224841Z'),
    utc('261131224841Z'),
    utc('260229000000Z'),
    utc('261121240000Z'),
    utc('261121226000Z'),
    utc('261121225960Z'),
    utc(''),
    generalized('20500101000000'),
    generalized('20500101000000+0000'),
    generalized('205001010000Z'),
    generalized('21000229000000Z'),
    generalized('20500101000000.Z'),
    generalized('20500101000000.50Z'),
    generalized('500101000000Z'),
  ])('%o is refused, here and by checkDer', (bytes) => {
    expect(codeOf(() => read(bytes))).toBe('DER_TIME_INVALID')
    expect(codeOf(() => checkDer(bytes))).toBe('DER_TIME_INVALID')
  })

  test('fractions are DER, but not X.509', () => {
    const bytes = generalized('20500101000000.125Z')
    expect(codeOf(() => read(bytes))).toBe('DER_TIME_INVALID')
    expect(codeOf(() => checkDer(bytes))).toBeUndefined()
    expect(codeOf(() => checkDer(generalized(`20500101000000.${'1'.repeat(40)}Z`)))).toBe('DER_TIME_INVALID')
  })

  test('a year before 2050 as GeneralizedTime is DER, but not X.509', () => {
    for (const text of ['20491231235959Z', '19700101000000Z', '00010101000000Z', '00000229000000Z']) {
      expect(codeOf(() => read(generalized(text)))).toBe('DER_TIME_WRONG_TYPE')
      expect(codeOf(() => checkDer(generalized(text)))).toBeUndefined()
    }
  })

  test('another type than a time is refused', () => {
    expect(codeOf(() => read(encodeElement(Tag.ia5String, ascii('261121224841Z'))))).toBe('DER_TAG_MISMATCH')
  })

  test.each(['1949-12-31T23:59:59Z', '2026-11-21T00:00:00.500Z', '+010000-01-01T00:00:00Z', 'never'])(
    'encodeTime of %s is a caller bug',
    (text) => expect(() => encodeTime(new Date(text))).toThrow(RangeError),
  )
})
