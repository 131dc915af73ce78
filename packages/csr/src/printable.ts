import type { DerReader } from '@meshid/der'

/** Offset of the first octet in the last element's content that is not printable ASCII, or -1. */
export function unprintableAt({ bytes, contentStart, contentEnd }: DerReader): number {
  for (let at = contentStart; at < contentEnd; at++) {
    // As an unsigned number what is below 0x20 is large: one comparison for both ends.
    if (((bytes[at] as number) - 0x20) >>> 0 > 0x5e) return at
  }
  return -1
}
