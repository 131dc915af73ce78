import { checkDer, DerReader, encodeInteger, encodeOid, encodeTime, encodeUtf8String, oids } from '@meshid/der'
import {
  BitString,
  fromBER,
  type GeneralizedTime,
  Integer,
  type ObjectIdentifier,
  OctetString,
  Sequence,
  type UTCTime,
  Utf8String,
} from 'asn1js'
import { describe, expect, test } from 'vitest'
import { codeOf, hex } from './code-of.ts'

/** What asn1js reads from all of the bytes. */
function second(bytes: Uint8Array) {
  const { result, offset } = fromBER(bytes.slice().buffer)
  expect(offset).toBe(bytes.length)
  return result
}

describe('asn1js, the second opinion, agrees on what we accept', () => {
  test.each([0, 1, 127, 128, 255, 256, -1, -128, -129, 65_535, 2 ** 31])('INTEGER %d', (value) => {
    const bytes = encodeInteger(value)
    const theirs = second(bytes) as Integer
    expect(theirs.toBigInt()).toBe(BigInt(value))
    expect(new Uint8Array(Integer.fromBigInt(BigInt(value)).toBER())).toEqual(bytes)
  })

  test.each(Object.values(oids))('OBJECT IDENTIFIER %s', (dotted) => {
    const theirs = second(encodeOid(dotted)) as ObjectIdentifier
    expect(theirs.getValue()).toBe(dotted)
  })

  test.each(['1950-01-01T00:00:00Z', '2026-11-21T22:48:41Z', '2049-12-31T23:59:59Z'])('UTCTime %s', (iso) => {
    const theirs = second(encodeTime(new Date(iso))) as UTCTime
    expect(theirs.toDate().getTime()).toBe(Date.parse(iso))
  })

  test.each(['2050-01-01T00:00:00Z', '9999-12-31T23:59:59Z'])('GeneralizedTime %s', (iso) => {
    const theirs = second(encodeTime(new Date(iso))) as GeneralizedTime
    expect(theirs.toDate().getTime()).toBe(Date.parse(iso))
  })

  test('a structure that asn1js wrote', () => {
    const theirs = new Sequence({
      value: [
        new Integer({ value: 5 }),
        new OctetString({ valueHex: hex('aa bb').buffer as ArrayBuffer }),
        new BitString({ valueHex: hex('fe').buffer as ArrayBuffer, unusedBits: 1 }),
        new Utf8String({ value: 'hé' }),
      ],
    })
    const bytes = new Uint8Array(theirs.toBER())
    checkDer(bytes)
    const reader = new DerReader(bytes)
    reader.enter(0x30)
    expect(reader.readSmallInteger()).toBe(5)
    expect(reader.readOctetString()).toEqual(hex('aa bb'))
    expect(reader.readBitString()).toEqual({ unusedBits: 1, bytes: hex('fe') })
    expect(reader.readString()).toBe('hé')
    reader.leave()
    reader.end()
  })

  test('UTF8String', () => {
    const theirs = second(encodeUtf8String('hé 🔑')) as Utf8String
    expect(theirs.getValue()).toBe('hé 🔑')
  })
})

describe('what asn1js lets through and DER forbids, we refuse', () => {
  test.each([
    ['an indefinite length', '30 80 05 00 00 00'],
    ['a long length', '04 81 01 aa'],
    ['a constructed string', '24 03 04 01 61'],
    ['a BER boolean', '01 01 01'],
    ['a SET OF out of order', '31 06 02 01 02 02 01 01'],
  ])('%s', (_name, text) => {
    expect(second(hex(text)).error).toBe('')
    expect(codeOf(() => checkDer(hex(text)))).toMatch(/^DER_/)
  })
})
