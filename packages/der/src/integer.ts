import { encodeElement } from './element.ts'
import { DerError } from './errors.ts'
import { Tag } from './tag.ts'

/** Most content octets of an INTEGER that is read as a `number`: 48 bits, always exact. */
export const MAX_SMALL_INTEGER_BYTES = 6

/** Throws unless the content octets are a minimal two's-complement integer (X.690 8.3.2). */
export function checkInteger(bytes: Uint8Array, start: number, end: number): void {
  const length = end - start
  if (length === 0) throw new DerError('DER_INTEGER_INVALID', { offset: start, expected: 'content', found: 'none' })
  if (length === 1) return
  const first = bytes[start] as number
  const negative = (bytes[start + 1] as number) >= 0x80
  if ((first === 0x00 && !negative) || (first === 0xff && negative)) {
    throw new DerError('DER_INTEGER_INVALID', { offset: start, expected: 'minimal octets', found: 'leading padding' })
  }
}

/** The value of at most {@link MAX_SMALL_INTEGER_BYTES} content octets. */
export function decodeSmallInteger(bytes: Uint8Array, start: number, end: number): number {
  checkInteger(bytes, start, end)
  if (end - start > MAX_SMALL_INTEGER_BYTES) {
    throw new DerError('DER_INTEGER_RANGE', {
      offset: start,
      expected: `at most ${MAX_SMALL_INTEGER_BYTES} octets`,
      found: `${end - start}`,
    })
  }
  const first = bytes[start] as number
  let value = first >= 0x80 ? first - 0x100 : first
  for (let at = start + 1; at < end; at++) value = value * 0x100 + (bytes[at] as number)
  return value
}

/**
 * Encodes an INTEGER; bytes are taken as an unsigned big-endian magnitude of any length.
 *
 * @throws RangeError when a number is not a safe integer, or the bytes are empty
 * @see X.690 section 8.3
 */
export function encodeInteger(value: bigint | number | Uint8Array): Uint8Array {
  if (value instanceof Uint8Array) return encodeMagnitude(value)
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new RangeError(`integer: expected a safe integer, found ${value}`)
  }
  const octets: number[] = []
  let rest = BigInt(value)
  do {
    octets.unshift(Number(rest & 0xffn))
    rest >>= 8n
  } while (!isSignExtension(rest, octets[0] as number))
  return encodeElement(Tag.integer, Uint8Array.from(octets))
}

function isSignExtension(rest: bigint, top: number): boolean {
  return (rest === 0n && top < 0x80) || (rest === -1n && top >= 0x80)
}

function encodeMagnitude(magnitude: Uint8Array): Uint8Array {
  if (magnitude.length === 0) throw new RangeError('integer: expected at least one octet, found none')
  let start = 0
  while (start < magnitude.length - 1 && magnitude[start] === 0) start++
  const rest = magnitude.subarray(start)
  return (rest[0] as number) < 0x80
    ? encodeElement(Tag.integer, rest)
    : encodeElement(Tag.integer, Uint8Array.of(0), rest)
}
