import { encodeElement } from './element.ts'
import { DerError } from './errors.ts'
import { Tag } from './tag.ts'

/** A BIT STRING: its octets, of which the last `unusedBits` bits do not count and are zero. */
export interface BitString {
  readonly unusedBits: number
  readonly bytes: Uint8Array
}

/** Options of {@link encodeBitString}. */
export interface EncodeBitStringOptions {
  /** How many bits of the last octet do not count, 0 to 7; they must be zero. */
  readonly unusedBits?: number
}

/** Most named bits that are read as one number. */
export const MAX_NAMED_BITS = 31

/** Returns the unused bits of a BIT STRING's content, which are checked to be few and zero (X.690 8.6, 11.2.1). */
export function unusedBitsOf(bytes: Uint8Array, start: number, end: number): number {
  const unusedBits = start < end ? (bytes[start] as number) : 8
  if (!isUnusedBitsValid(unusedBits, end - start - 1, bytes[end - 1] as number)) {
    throw new DerError('DER_BIT_STRING_INVALID', {
      offset: start,
      expected: '0 to 7 unused bits, all zero',
      found: start < end ? `${unusedBits} unused bits` : 'no content',
    })
  }
  return unusedBits
}

function isUnusedBitsValid(unusedBits: number, length: number, last: number): boolean {
  if (unusedBits === 0) return true
  return unusedBits < 8 && length > 0 && (last & ((1 << unusedBits) - 1)) === 0
}

/** Named bits as a number: bit n of the list is `1 << n`; trailing zero bits are refused (X.690 11.2.2). */
export function decodeNamedBits(bytes: Uint8Array, start: number, end: number): number {
  const unusedBits = unusedBitsOf(bytes, start, end)
  const count = (end - start - 1) * 8 - unusedBits
  if (count > MAX_NAMED_BITS) {
    throw new DerError('DER_BIT_STRING_INVALID', { offset: start, found: `${count} named bits`, limit: MAX_NAMED_BITS })
  }
  let mask = 0
  for (let bit = 0; bit < count; bit++) {
    if (((bytes[start + 1 + (bit >> 3)] as number) & (0x80 >> (bit & 7))) !== 0) mask |= 1 << bit
  }
  if (count > 0 && (mask & (1 << (count - 1))) === 0) {
    throw new DerError('DER_BIT_STRING_INVALID', {
      offset: start,
      expected: 'named bits without trailing zeros',
      found: 'a trailing zero bit',
    })
  }
  return mask
}

/**
 * Encodes a BIT STRING.
 *
 * @throws RangeError when `unusedBits` is not 0 to 7, or those bits are not zero
 * @see X.690 sections 8.6 and 11.2
 */
export function encodeBitString(bytes: Uint8Array, { unusedBits = 0 }: EncodeBitStringOptions = {}): Uint8Array {
  if (
    !Number.isInteger(unusedBits) ||
    unusedBits < 0 ||
    !isUnusedBitsValid(unusedBits, bytes.length, bytes.at(-1) ?? 0)
  ) {
    throw new RangeError(`bit string: expected 0 to 7 unused bits that are zero, found ${unusedBits}`)
  }
  return encodeElement(Tag.bitString, Uint8Array.of(unusedBits), bytes)
}

/**
 * Encodes a named bit list such as KeyUsage: bit n of the list is `1 << n` of the mask.
 *
 * @throws RangeError when the mask is not a whole number below 2^{@link MAX_NAMED_BITS}
 * @see X.690 section 11.2.2
 */
export function encodeNamedBits(mask: number): Uint8Array {
  if (!Number.isInteger(mask) || mask < 0 || mask >= 2 ** MAX_NAMED_BITS) {
    throw new RangeError(`named bits: expected 0 to 2^${MAX_NAMED_BITS} - 1, found ${mask}`)
  }
  const count = 32 - Math.clz32(mask)
  const bytes = new Uint8Array(Math.ceil(count / 8))
  for (let bit = 0; bit < count; bit++) {
    if ((mask & (1 << bit)) !== 0) bytes[bit >> 3] = (bytes[bit >> 3] as number) | (0x80 >> (bit & 7))
  }
  return encodeBitString(bytes, { unusedBits: bytes.length * 8 - count })
}
