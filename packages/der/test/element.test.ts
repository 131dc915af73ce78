import {
  contextTag,
  describeTag,
  encodeBoolean,
  encodeElement,
  encodeExplicit,
  encodeImplicit,
  encodeInteger,
  encodeNull,
  encodeOctetString,
  encodeSequence,
  encodeSet,
  MAX_TAG_NUMBER,
  Tag,
} from '@meshid/der'
import { describe, expect, test } from 'vitest'
import { hex } from './code-of.ts'

describe('encoding elements', () => {
  test('parts are put one after the other', () => {
    expect(encodeSequence(encodeInteger(1), encodeNull())).toEqual(hex('30 05 02 01 01 05 00'))
    expect(encodeOctetString(hex('aa'), hex('bb'))).toEqual(hex('04 02 aa bb'))
    expect(encodeSequence()).toEqual(hex('30 00'))
    expect(encodeBoolean(true)).toEqual(hex('01 01 ff'))
    expect(encodeBoolean(false)).toEqual(hex('01 01 00'))
  })

  test.each([
    [0x7f, '04 7f'],
    [0x80, '04 81 80'],
    [0xff, '04 81 ff'],
    [0x100, '04 82 01 00'],
    [0xffff, '04 82 ff ff'],
    [0x10000, '04 83 01 00 00'],
    [0x1000000, '04 84 01 00 00 00'],
  ])('a length of %d is minimal (X.690 10.1)', (length, header) => {
    const element = encodeOctetString(new Uint8Array(length))
    expect(element.subarray(0, hex(header).length)).toEqual(hex(header))
    expect(element.length).toBe(hex(header).length + length)
  })

  test('a SET OF is sorted (X.690 11.6)', () => {
    const sorted = hex('31 0a 02 01 01 02 01 02 02 02 01 00')
    expect(encodeSet(encodeInteger(256), encodeInteger(2), encodeInteger(1))).toEqual(sorted)
  })

  test('explicit tags wrap, implicit tags replace and keep what is constructed', () => {
    expect(encodeExplicit(0, encodeInteger(2))).toEqual(hex('a0 03 02 01 02'))
    expect(encodeImplicit(2, encodeOctetString(hex('61')))).toEqual(hex('82 01 61'))
    expect(encodeImplicit(1, encodeSequence())).toEqual(hex('a1 00'))
    expect(() => encodeImplicit(1, hex('30'))).toThrow(RangeError)
  })

  test.each([0, 0x1f, 0x9f, 0x100, -1, 1.5])('tag %d is a caller bug', (tag) => {
    expect(() => encodeElement(tag)).toThrow(RangeError)
  })
})

describe('tags', () => {
  test('contextTag', () => {
    expect(contextTag(0)).toBe(0x80)
    expect(contextTag(MAX_TAG_NUMBER, { constructed: true })).toBe(0xbe)
    for (const number of [-1, 31, 0.5]) expect(() => contextTag(number)).toThrow(RangeError)
  })

  test('describeTag', () => {
    expect([Tag.sequence, 0xa0, 0x82, 0x41, 0xc1, 0x09, -1].map(describeTag)).toEqual([
      'sequence (0x30)',
      '[0] (0xa0)',
      '[2] (0x82)',
      'application tag 1 (0x41)',
      'private tag 1 (0xc1)',
      'tag 0x09',
      'the end',
    ])
  })
})
