import { compareBytes } from './set-order.ts'
import { contextTag, MAX_TAG_NUMBER, Tag } from './tag.ts'

/**
 * Encodes one element: the identifier octet, the minimal length and the parts one after the other.
 *
 * @throws RangeError when the tag is not one octet in low-tag form
 * @see X.690 sections 8.1 and 10.1
 */
export function encodeElement(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  if (!Number.isInteger(tag) || tag < 1 || tag > 0xff || (tag & 0x1f) > MAX_TAG_NUMBER) {
    throw new RangeError(`tag: expected one octet in low-tag form, found ${tag}`)
  }
  let length = 0
  for (const part of parts) length += part.length
  const lengthBytes = length < 0x80 ? 0 : length < 0x100 ? 1 : length < 0x10000 ? 2 : length < 0x1000000 ? 3 : 4
  const element = new Uint8Array(2 + lengthBytes + length)
  element[0] = tag
  element[1] = lengthBytes === 0 ? length : 0x80 | lengthBytes
  for (let at = 1 + lengthBytes, rest = length; at > 1; at--, rest = Math.floor(rest / 0x100)) element[at] = rest & 0xff
  let offset = 2 + lengthBytes
  for (const part of parts) {
    element.set(part, offset)
    offset += part.length
  }
  return element
}

/** Encodes a SEQUENCE of elements that are already encoded. */
export function encodeSequence(...elements: readonly Uint8Array[]): Uint8Array {
  return encodeElement(Tag.sequence, ...elements)
}

/**
 * Encodes a SET OF: the elements are put in ascending order of their encodings.
 *
 * @see X.690 section 11.6
 */
export function encodeSet(...elements: readonly Uint8Array[]): Uint8Array {
  return encodeElement(Tag.set, ...elements.toSorted(compareBytes))
}

/** Encodes an OCTET STRING. */
export function encodeOctetString(...parts: readonly Uint8Array[]): Uint8Array {
  return encodeElement(Tag.octetString, ...parts)
}

/** Encodes `[number] EXPLICIT` around elements that are already encoded. */
export function encodeExplicit(number: number, ...elements: readonly Uint8Array[]): Uint8Array {
  return encodeElement(contextTag(number, { constructed: true }), ...elements)
}

/** Puts `[number] IMPLICIT` in place of the element's own tag; what was constructed stays constructed. */
export function encodeImplicit(number: number, element: Uint8Array): Uint8Array {
  if (element.length < 2) throw new RangeError('implicit tag: expected an encoded element, found less than two octets')
  const retagged = element.slice()
  retagged[0] = contextTag(number, { constructed: ((element[0] as number) & 0x20) !== 0 })
  return retagged
}
