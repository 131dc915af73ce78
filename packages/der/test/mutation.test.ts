import {
  checkDer,
  DerReader,
  encodeBitString,
  encodeBoolean,
  encodeExplicit,
  encodeInteger,
  encodeNull,
  encodeOctetString,
  encodeOid,
  encodePrintableString,
  encodeSequence,
  encodeSet,
  encodeTime,
  encodeUtf8String,
  oids,
} from '@meshid/der'
import { describe, expect, test } from 'vitest'
import { codeOf } from './code-of.ts'

const name = encodeSequence(
  encodeSet(encodeSequence(encodeOid(oids.commonName), encodeUtf8String('web.emojivoto'))),
  encodeSet(encodeSequence(encodeOid(oids.countryName), encodePrintableString('NO'))),
)
const good = encodeSequence(
  encodeExplicit(0, encodeInteger(2)),
  encodeInteger(0x7fn << 120n),
  name,
  encodeSequence(encodeTime(new Date('2026-11-21T00:00:00Z')), encodeTime(new Date('2050-01-01T00:00:00Z'))),
  encodeSequence(encodeOid(oids.basicConstraints), encodeBoolean(true), encodeOctetString(encodeSequence())),
  encodeNull(),
  encodeBitString(Uint8Array.of(0xa0), { unusedBits: 5 }),
)

/** Reads all of the structure by hand, as a parser does. */
function read(bytes: Uint8Array): void {
  const reader = new DerReader(bytes)
  reader.enter(0x30)
  reader.enter(0xa0)
  reader.readSmallInteger()
  reader.leave()
  reader.readInteger()
  reader.enter(0x30)
  while (!reader.done) {
    reader.enterSetOf()
    reader.enter(0x30)
    reader.readOid()
    reader.readString()
    reader.leave()
    reader.leave()
  }
  reader.leave()
  reader.enter(0x30)
  reader.readTime()
  reader.readTime()
  reader.leave()
  reader.enter(0x30)
  reader.readOid()
  reader.readBooleanDefaultFalse()
  reader.enter(0x04)
  reader.enter(0x30)
  reader.leave()
  reader.leave()
  reader.leave()
  reader.readNull()
  reader.readBitString()
  reader.leave()
  reader.end()
}

describe('mutation sweep', () => {
  test('the good structure is read', () => {
    expect(codeOf(() => read(good))).toBeUndefined()
    expect(codeOf(() => checkDer(good))).toBeUndefined()
  })

  test('each truncation and each added byte is refused with a code', () => {
    for (let length = 0; length < good.length; length++) {
      expect(codeOf(() => read(good.slice(0, length)))).toMatch(/^DER_/)
      expect(codeOf(() => checkDer(good.slice(0, length)))).toMatch(/^DER_/)
    }
    for (const more of [0x00, 0x05, 0xff]) {
      expect(codeOf(() => read(Uint8Array.of(...good, more)))).toBe('DER_TRAILING_BYTES')
      expect(codeOf(() => checkDer(Uint8Array.of(...good, more)))).toBe('DER_TRAILING_BYTES')
    }
  })

  test('each flipped bit is refused with a code or is another good value', () => {
    let refused = 0
    for (let bit = 0; bit < good.length * 8; bit++) {
      const bad = good.slice()
      bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      const verdict = codeOf(() => read(bad))
      if (verdict !== undefined) refused += 1
      codeOf(() => checkDer(bad))
    }
    expect(refused).toBeGreaterThan(good.length * 3)
  })

  test('each byte replaced by each other never throws anything foreign', () => {
    for (let at = 0; at < good.length; at++) {
      for (const value of [0x00, 0x01, 0x1f, 0x30, 0x7f, 0x80, 0x81, 0x84, 0xff]) {
        const bad = good.slice()
        bad[at] = value
        codeOf(() => read(bad))
        codeOf(() => checkDer(bad))
      }
    }
    expect(codeOf(() => read(good))).toBeUndefined()
  })
})
