import { DER_MAX_DEPTH, DerReader, encodeElement, encodeInteger, encodeSequence, Tag } from '@meshid/der'
import { describe, expect, test } from 'vitest'
import { codeOf, hex } from './code-of.ts'

const reader = (text: string) => new DerReader(hex(text))

describe('navigation', () => {
  test('next sets the offsets of the element and moves past it', () => {
    const it = reader('02 01 05 04 02 aa bb')
    it.next(Tag.integer)
    expect([it.start, it.contentStart, it.contentEnd, it.offset, it.done]).toEqual([0, 2, 3, 3, false])
    it.next(Tag.octetString)
    expect([it.start, it.contentStart, it.contentEnd, it.offset, it.done]).toEqual([3, 5, 7, 7, true])
    expect(it.element()).toEqual(hex('04 02 aa bb'))
    expect(it.content()).toEqual(hex('aa bb'))
    it.end()
  })

  test('element and content are views of the bytes, not copies', () => {
    const bytes = hex('04 01 aa')
    const it = new DerReader(bytes)
    it.next(Tag.octetString)
    expect(it.element().buffer).toBe(bytes.buffer)
    expect(it.content().buffer).toBe(bytes.buffer)
  })

  test('peek tells the next tag, and -1 at the end of the open element', () => {
    const it = reader('30 03 02 01 05')
    expect(it.peek()).toBe(Tag.sequence)
    it.enter(Tag.sequence)
    expect(it.peek()).toBe(Tag.integer)
    it.skip()
    expect(it.peek()).toBe(-1)
    it.leave()
    expect(it.peek()).toBe(-1)
  })

  test('enter opens an OCTET STRING that holds DER', () => {
    const it = reader('04 03 02 01 05')
    it.enter(Tag.octetString)
    expect(it.readSmallInteger()).toBe(5)
    it.leave()
    it.end()
  })

  test('enter makes it the last element, with all its content', () => {
    const it = reader('02 01 05 30 02 05 00')
    it.next(Tag.integer)
    it.enter(Tag.sequence)
    expect([it.start, it.contentStart, it.contentEnd, it.offset]).toEqual([3, 5, 7, 5])
    expect(it.content()).toEqual(hex('05 00'))
  })

  test('reads only the range between start and end', () => {
    const it = new DerReader(hex('ff 02 01 05 ff'), { start: 1, end: 4 })
    expect(it.readSmallInteger()).toBe(5)
    it.end()
  })

  test.each([{ start: 2, end: 1 }, { start: -1 }, { end: 9 }, { start: Number.NaN }])(
    'a range %o outside the bytes is a caller bug',
    (range) => {
      expect(() => new DerReader(hex('02 01 05'), range)).toThrow(RangeError)
    },
  )

  test('leave without enter and end inside an element are caller bugs', () => {
    expect(() => reader('').leave()).toThrow('expected an open element, found none')
    const it = reader('30 00')
    it.enter(Tag.sequence)
    expect(() => it.end()).toThrow('expected no open element, found 1')
  })

  test('elementEquals compares tag, length and content', () => {
    const it = reader('06 03 2a 03 04')
    it.nextOid()
    expect(it.elementEquals(hex('06 03 2a 03 04'))).toBe(true)
    expect(it.elementEquals(hex('06 03 2a 03 05'))).toBe(false)
    expect(it.elementEquals(hex('06 03 2a 03'))).toBe(false)
  })
})

describe('what is not DER is refused (X.690 8.1, 10.1)', () => {
  test.each([
    ['nothing where an element is due', '', 'DER_TAG_MISMATCH'],
    ['another tag', '02 01 05', 'DER_TAG_MISMATCH'],
    ['a tag without a length', '30', 'DER_TRUNCATED'],
    ['less content than the length', '30 02 05', 'DER_TRUNCATED'],
    ['a length cut short', '30 82 01', 'DER_TRUNCATED'],
    ['a length of five octets', '30 85 00 00 00 00 01 05', 'DER_TRUNCATED'],
    ['the reserved length ff', '30 ff 00', 'DER_TRUNCATED'],
    ['a length of 2^32 - 1', '30 84 ff ff ff ff 00', 'DER_TRUNCATED'],
    ['an indefinite length', '30 80 05 00 00 00', 'DER_LENGTH_INDEFINITE'],
    ['a long length below 128', '30 81 02 05 00', 'DER_LENGTH_NOT_MINIMAL'],
    ['a long length with a leading zero', `30 82 00 80 ${'00'.repeat(128)}`, 'DER_LENGTH_NOT_MINIMAL'],
  ] as const)('%s', (_name, text, code) => {
    expect(codeOf(() => reader(text).next(Tag.sequence))).toBe(code)
  })

  test.each([
    ['end of contents', '00 00'],
    ['the high-tag-number form', '1f 81 01 00'],
    ['the high-tag-number form of a context tag', '9f 81 01 00'],
    ['a primitive SEQUENCE', '10 00'],
    ['a constructed OCTET STRING', '24 00'],
    ['a constructed INTEGER', '22 03 02 01 05'],
    ['reserved universal tag 15', '0f 00'],
  ])('skip refuses the tag of %s', (_name, text) => {
    expect(codeOf(() => reader(text).skip())).toBe('DER_TAG_INVALID')
  })

  test.each(['02 01 05', '30 00', '31 00', '80 00', 'a0 00', '41 00', 'c1 00', 'e1 00'])('skip accepts %s', (text) => {
    const it = reader(text)
    it.skip()
    it.end()
    expect(it.done).toBe(true)
  })

  test('an element may not reach beyond the one that holds it', () => {
    const it = reader('30 03 04 02 aa bb')
    it.enter(Tag.sequence)
    expect(codeOf(() => it.next(Tag.octetString))).toBe('DER_TRUNCATED')
  })

  test('trailing bytes are refused inside an element and after the last', () => {
    const it = reader('30 02 05 00 ff')
    it.enter(Tag.sequence)
    expect(codeOf(() => it.leave())).toBe('DER_TRAILING_BYTES')
    it.readNull()
    it.leave()
    expect(codeOf(() => it.end())).toBe('DER_TRAILING_BYTES')
  })
})

describe('limits', () => {
  test('maxBytes is checked before anything is read', () => {
    expect(codeOf(() => new DerReader(new Uint8Array(11), { maxBytes: 10 }))).toBe('DER_TOO_LARGE')
    expect(codeOf(() => new DerReader(new Uint8Array(0x100001)))).toBe('DER_TOO_LARGE')
    expect(new DerReader(new Uint8Array(11), { start: 1, maxBytes: 10 }).done).toBe(false)
  })

  test('maxDepth elements may be open, and not one more', () => {
    let nested = encodeInteger(1)
    for (let depth = 0; depth < DER_MAX_DEPTH; depth++) nested = encodeSequence(nested)
    const it = new DerReader(nested)
    for (let depth = 0; depth < DER_MAX_DEPTH; depth++) it.enter(Tag.sequence)
    expect(it.readSmallInteger()).toBe(1)
    const tooDeep = new DerReader(encodeSequence(nested), { maxDepth: 3 })
    for (let depth = 0; depth < 3; depth++) tooDeep.enter(Tag.sequence)
    expect(codeOf(() => tooDeep.enter(Tag.sequence))).toBe('DER_TOO_DEEP')
  })

  test('lengths of one to three octets are read', () => {
    for (const length of [0, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x10000]) {
      const it = new DerReader(encodeElement(Tag.octetString, new Uint8Array(length)))
      it.next(Tag.octetString)
      it.end()
      expect(it.contentEnd - it.contentStart).toBe(length)
    }
  })
})

describe('SET OF (X.690 11.6)', () => {
  test('ascending elements are read from the first', () => {
    const it = reader('31 09 02 01 01 02 01 01 02 01 02')
    it.enterSetOf()
    expect([it.readSmallInteger(), it.readSmallInteger(), it.readSmallInteger()]).toEqual([1, 1, 2])
    it.leave()
    it.end()
  })

  test('elements out of order are refused, also under an implicit tag', () => {
    expect(codeOf(() => reader('31 06 02 01 02 02 01 01').enterSetOf())).toBe('DER_SET_NOT_SORTED')
    expect(codeOf(() => reader('a0 06 02 01 02 02 01 01').enterSetOf(0xa0))).toBe('DER_SET_NOT_SORTED')
    expect(codeOf(() => reader('31 07 02 02 01 00 02 01 01').enterSetOf())).toBe('DER_SET_NOT_SORTED')
  })

  test('a set of one element that is not DER is refused when the element is read', () => {
    const it = reader(`31 81 83 30 81 05 ${'00'.repeat(128)}`)
    it.enterSetOf()
    expect(codeOf(() => it.skip())).toBe('DER_LENGTH_NOT_MINIMAL')
    const cut = reader('31 01 02')
    expect(codeOf(() => cut.enterSetOf())).toBe('DER_TRUNCATED')
  })

  test('an empty set is read', () => {
    const it = reader('31 00')
    it.enterSetOf()
    it.leave()
    it.end()
    expect(it.done).toBe(true)
  })
})

describe('values', () => {
  test.each([
    ['01 01 ff', true],
    ['01 01 00', false],
  ])('BOOLEAN %s', (text, value) => expect(reader(text).readBoolean()).toBe(value))

  test.each(['01 01 01', '01 00', '01 02 ff ff'])('BOOLEAN %s is refused (X.690 11.1)', (text) =>
    expect(codeOf(() => reader(text).readBoolean())).toBe('DER_BOOLEAN_INVALID'),
  )

  test('BOOLEAN DEFAULT FALSE: absent is false, true is true, a written false is refused (X.690 11.5)', () => {
    expect(reader('05 00').readBooleanDefaultFalse()).toBe(false)
    expect(reader('').readBooleanDefaultFalse()).toBe(false)
    expect(reader('01 01 ff').readBooleanDefaultFalse()).toBe(true)
    expect(codeOf(() => reader('01 01 00').readBooleanDefaultFalse())).toBe('DER_DEFAULT_ENCODED')
  })

  test('NULL is empty', () => {
    expect(codeOf(() => reader('05 00').readNull())).toBeUndefined()
    expect(codeOf(() => reader('05 01 00').readNull())).toBe('DER_NULL_INVALID')
  })

  test('OCTET STRING is a view, under its own or an implicit tag', () => {
    expect(reader('04 02 aa bb').readOctetString()).toEqual(hex('aa bb'))
    expect(reader('80 02 aa bb').readOctetString(0x80)).toEqual(hex('aa bb'))
  })
})
