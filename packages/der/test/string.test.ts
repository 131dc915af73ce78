import { DerReader, encodeElement, encodeIa5String, encodePrintableString, encodeUtf8String, Tag } from '@meshid/der'
import { describe, expect, test } from 'vitest'
import { codeOf, hex } from './code-of.ts'

const reader = (tag: number, text: string) => new DerReader(encodeElement(tag, hex(text)))
const read = (tag: number, text: string) => reader(tag, text).readString()

describe('strings of X.509 names', () => {
  test.each([
    [Tag.utf8String, '68 c3 a9', 'hé'],
    [Tag.utf8String, 'ef bb bf 61', '\ufeffa'],
    [Tag.utf8String, 'f0 9f 94 91', '🔑'],
    [Tag.utf8String, '61 00 62', 'a\0b'],
    [Tag.printableString, '41 20 27 3f', "A '?"],
    [Tag.ia5String, '61 40 62', 'a@b'],
    [Tag.numericString, '31 20 32', '1 2'],
    [Tag.visibleString, '7e 21', '~!'],
    [Tag.teletexString, '68 e9', 'hé'],
    [Tag.bmpString, '00 68 00 e9', 'hé'],
    [Tag.universalString, '00 01 f5 11', '🔑'],
    [Tag.utf8String, '', ''],
  ])('tag %d with %s is %j', (tag, text, value) => {
    expect(read(tag, text)).toBe(value)
    const it = reader(tag, text)
    it.nextString()
    it.end()
  })

  test.each([
    ['UTF-8 cut short', Tag.utf8String, '68 c3'],
    ['overlong UTF-8', Tag.utf8String, 'c0 80'],
    ['a surrogate in UTF-8', Tag.utf8String, 'ed a0 80'],
    ['@ in a PrintableString', Tag.printableString, '61 40 62'],
    ['* in a PrintableString', Tag.printableString, '2a'],
    ['a line break in a PrintableString', Tag.printableString, '61 0a'],
    ['a letter in a NumericString', Tag.numericString, '61'],
    ['a high octet in an IA5String', Tag.ia5String, '80'],
    ['a control in a VisibleString', Tag.visibleString, '0a'],
    ['a control in a TeletexString', Tag.teletexString, '00'],
    ['an odd BMPString', Tag.bmpString, '00 68 00'],
    ['a surrogate in a BMPString', Tag.bmpString, 'd8 3d dd 11'],
    ['beyond Unicode in a UniversalString', Tag.universalString, '00 11 00 00'],
  ])('%s is refused', (_name, tag, text) => {
    expect(codeOf(() => read(tag, text))).toBe('DER_STRING_INVALID')
    expect(codeOf(() => reader(tag, text).nextString())).toBe('DER_STRING_INVALID')
  })

  test('what is not a string is refused', () => {
    expect(codeOf(() => read(Tag.octetString, '61'))).toBe('DER_TAG_MISMATCH')
    expect(codeOf(() => reader(Tag.octetString, '61').nextString())).toBe('DER_TAG_MISMATCH')
    expect(codeOf(() => new DerReader(hex('')).readString())).toBe('DER_TAG_MISMATCH')
  })

  test('readIa5String reads the names of a GeneralName under their context tags', () => {
    expect(new DerReader(hex('82 01 61')).readIa5String(0x82)).toBe('a')
    expect(codeOf(() => new DerReader(hex('82 01 e9')).readIa5String(0x82))).toBe('DER_STRING_INVALID')
  })
})

describe('encoders', () => {
  test('write the octets of their type', () => {
    expect(encodeUtf8String('hé')).toEqual(hex('0c 03 68 c3 a9'))
    expect(encodePrintableString('US')).toEqual(hex('13 02 55 53'))
    expect(encodeIa5String('a@b')).toEqual(hex('16 03 61 40 62'))
  })

  test('refuse what the type cannot hold', () => {
    expect(() => encodeUtf8String('\ud800')).toThrow(RangeError)
    expect(() => encodePrintableString('a@b')).toThrow(RangeError)
    expect(() => encodeIa5String('é')).toThrow(RangeError)
  })
})
