import { DerError } from './errors.ts'
import { Tag } from './tag.ts'

/** The value of a BOOLEAN's content, which must be exactly 00 or FF (X.690 11.1). */
export function checkBoolean(bytes: Uint8Array, start: number, end: number): boolean {
  const value = bytes[start]
  if (end - start !== 1 || (value !== 0x00 && value !== 0xff)) {
    throw new DerError('DER_BOOLEAN_INVALID', { offset: start, expected: '00 or ff', found: 'something else' })
  }
  return value === 0xff
}

/** Throws when a NULL has content (X.690 8.8.2). */
export function checkNull(start: number, end: number): void {
  if (start === end) return
  throw new DerError('DER_NULL_INVALID', { offset: start, expected: 'no content', found: `${end - start} octets` })
}

/** Encodes a BOOLEAN: FF for true, 00 for false. */
export function encodeBoolean(value: boolean): Uint8Array {
  return Uint8Array.of(Tag.boolean, 1, value ? 0xff : 0x00)
}

/** Encodes a NULL. */
export function encodeNull(): Uint8Array {
  return Uint8Array.of(Tag.null, 0)
}
