import {
  checkDer,
  decodePem,
  DerReader,
  encodeBitString,
  encodeExplicit,
  encodeInteger,
  encodeNamedBits,
  encodeOctetString,
  encodeOid,
  encodePem,
  encodeSequence,
  encodeSet,
  encodeTime,
  encodeUtf8String,
} from '@meshid/der'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { codeOf } from './code-of.ts'

const leaf = fc.oneof(
  fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }).map(encodeInteger),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => encodeOctetString(bytes)),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => encodeBitString(bytes)),
  fc.string({ unit: 'grapheme' }).map(encodeUtf8String),
  fc.nat({ max: 2 ** 31 - 1 }).map(encodeNamedBits),
)
const { tree } = fc.letrec<{ tree: Uint8Array }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    leaf,
    fc.array(tie('tree'), { maxLength: 5 }).map((parts) => encodeSequence(...parts)),
    fc.array(tie('tree'), { maxLength: 5 }).map((parts) => encodeSet(...parts)),
    tie('tree').map((part) => encodeExplicit(1, part)),
  ),
}))

describe('what we write, we read', () => {
  test('any structure is strict DER', () => {
    fc.assert(fc.property(tree, (bytes) => checkDer(bytes)))
  })

  test('integers', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 46), max: 2 ** 46 }), (value) => {
        expect(new DerReader(encodeInteger(value)).readSmallInteger()).toBe(value)
        expect(encodeInteger(BigInt(value))).toEqual(encodeInteger(value))
      }),
    )
  })

  test('object identifiers', () => {
    const arcs = fc.array(fc.bigInt({ min: 0n, max: 2n ** 130n }), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(arcs, fc.nat(39), (rest, second) => {
        for (const dotted of [`1.${second}.${rest.join('.')}`, `2.${rest.join('.')}`]) {
          expect(new DerReader(encodeOid(dotted)).readOid()).toBe(dotted)
        }
      }),
    )
  })

  test('named bits', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 31 - 1 }), (mask) => {
        expect(new DerReader(encodeNamedBits(mask)).readNamedBits()).toBe(mask)
      }),
    )
  })

  test('times, to the second', () => {
    const range = { min: Date.UTC(1950, 0) / 1000, max: Date.UTC(9999, 11, 31, 23, 59, 59) / 1000 }
    fc.assert(
      fc.property(fc.integer(range), (seconds) => {
        expect(new DerReader(encodeTime(new Date(seconds * 1000))).readTime().getTime()).toBe(seconds * 1000)
      }),
    )
  })

  test('PEM', () => {
    const block = fc.record({
      label: fc.constantFrom('CERTIFICATE', 'EC PRIVATE KEY', 'A'),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 200 }),
    })
    fc.assert(
      fc.property(fc.array(block, { maxLength: 4 }), fc.constantFrom('', '\n', '# note\r\n'), (blocks, between) => {
        const text = blocks.map(({ label, bytes }) => between + encodePem(label, bytes)).join('')
        expect(decodePem(text).map(({ label, bytes }) => ({ label, bytes }))).toEqual(blocks)
      }),
    )
  })
})

describe('whatever we read, only a DerError comes of it', () => {
  test('any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        codeOf(() => checkDer(bytes))
      }),
      { numRuns: 2000 },
    )
  })

  test('any text as PEM', () => {
    const piece = fc.constantFrom('-----BEGIN A-----', '-----END A-----', '\n', 'AAEC', '=', '-', ' ', 'END', '\r', ':')
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 12 }), (pieces) => {
        codeOf(() => decodePem(pieces.join('')))
      }),
      { numRuns: 1000 },
    )
  })

  test('strict DER has one encoding: no flipped bit leaves a value that is written otherwise', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }), fc.nat(7), fc.nat(20), (value, bit, at) => {
        const bytes = encodeInteger(value)
        const index = at % bytes.length
        bytes[index] = (bytes[index] ?? 0) ^ (1 << bit)
        let content: Uint8Array | undefined
        if (codeOf(() => (content = new DerReader(bytes).readInteger())) !== undefined || content === undefined) return
        const hex = Array.from(content, (octet) => octet.toString(16).padStart(2, '0')).join('')
        const read = BigInt.asIntN(content.length * 8, BigInt(`0x${hex}`))
        expect(encodeInteger(read)).toEqual(bytes.subarray(0, 2 + content.length))
      }),
    )
  })
})
