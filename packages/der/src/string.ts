import { encodeElement } from './element.ts'
import { DerError } from './errors.ts'
import { describeTag, Tag } from './tag.ts'

const printable = /^[A-Za-z0-9 '()+,\-./:=?]*$/
const ia5 = /^[\0-\x7f]*$/

/** For each octet whether a string type allows it; types of more than one octet a character have none. */
const alphabets: Readonly<Partial<Record<number, Uint8Array>>> = /* @__PURE__ */ Object.freeze({
  [Tag.printableString]: alphabet(printable),
  [Tag.ia5String]: alphabet(ia5),
  [Tag.numericString]: alphabet(/[0-9 ]/),
  [Tag.visibleString]: alphabet(/[\x20-\x7e]/),
  // T.61 proper is dead; in certificates the type means Latin-1 without control characters.
  [Tag.teletexString]: alphabet(/[\x20-\x7e\xa0-\xff]/),
})

function alphabet(allowed: RegExp): Uint8Array {
  return Uint8Array.from({ length: 0x100 }, (_, octet) => Number(allowed.test(String.fromCharCode(octet))))
}

/** Decodes a character string of any type that X.509 names use, each with its own alphabet. */
export function decodeString(tag: number, bytes: Uint8Array, start: number, end: number): string {
  if (tag === Tag.utf8String) return decodeUtf8(bytes, start, end)
  if (tag === Tag.bmpString) return decodeWide(tag, { bytes, start, end, width: 2 })
  if (tag === Tag.universalString) return decodeWide(tag, { bytes, start, end, width: 4 })
  checkAlphabet(tag, bytes, start, end)
  let text = ''
  for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at] as number)
  return text
}

/** Throws as {@link decodeString} does; allocates nothing for types of one octet a character and for ASCII. */
export function checkString(tag: number, bytes: Uint8Array, start: number, end: number): void {
  if (tag === Tag.utf8String) {
    let at = start
    while (at < end && (bytes[at] as number) < 0x80) at++
    if (at < end) decodeUtf8(bytes, at, end)
  } else if (tag === Tag.bmpString || tag === Tag.universalString) {
    decodeString(tag, bytes, start, end)
  } else {
    checkAlphabet(tag, bytes, start, end)
  }
}

function checkAlphabet(tag: number, bytes: Uint8Array, start: number, end: number): void {
  const allowed = alphabets[tag]
  if (allowed === undefined) {
    throw new DerError('DER_TAG_MISMATCH', { offset: start, expected: 'a string', found: describeTag(tag) })
  }
  for (let at = start; at < end; at++) if (allowed[bytes[at] as number] === 0) failString(tag, at)
}

/** Whether {@link decodeString} knows the tag. */
export function isStringTag(tag: number): boolean {
  return (
    tag === Tag.utf8String ||
    (tag >= Tag.numericString && tag <= Tag.teletexString) ||
    tag === Tag.ia5String ||
    tag === Tag.visibleString ||
    tag === Tag.universalString ||
    tag === Tag.bmpString
  )
}

function decodeUtf8(bytes: Uint8Array, start: number, end: number): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(start, end))
  } catch (cause) {
    throw new DerError('DER_STRING_INVALID', { offset: start, expected: 'UTF-8', found: 'other octets' }, { cause })
  }
}

interface WideContent {
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
  readonly width: 2 | 4
}

function decodeWide(tag: number, { bytes, start, end, width }: WideContent): string {
  if ((end - start) % width !== 0) failString(tag, start)
  let text = ''
  for (let at = start; at < end; at += width) {
    let point = 0
    for (let octet = 0; octet < width; octet++) point = point * 0x100 + (bytes[at + octet] as number)
    if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) failString(tag, at)
    text += String.fromCodePoint(point)
  }
  return text
}

function failString(tag: number, offset: number): never {
  throw new DerError('DER_STRING_INVALID', {
    offset,
    expected: `characters of ${describeTag(tag)}`,
    found: 'another character',
  })
}

/**
 * Encodes a UTF8String.
 *
 * @throws RangeError when the text holds an unpaired surrogate
 */
export function encodeUtf8String(text: string): Uint8Array {
  if (/\p{Surrogate}/u.test(text))
    throw new RangeError('UTF8String: expected well-formed text, found an unpaired surrogate')
  return encodeElement(Tag.utf8String, new TextEncoder().encode(text))
}

/**
 * Encodes a PrintableString.
 *
 * @throws RangeError when the text holds a character outside `A-Z a-z 0-9 space ' ( ) + , - . / : = ?`
 */
export function encodePrintableString(text: string): Uint8Array {
  if (!printable.test(text)) throw new RangeError('PrintableString: expected its alphabet, found another character')
  return encodeElement(Tag.printableString, new TextEncoder().encode(text))
}

/**
 * Encodes an IA5String.
 *
 * @throws RangeError when the text holds a character above 0x7F
 */
export function encodeIa5String(text: string): Uint8Array {
  if (!ia5.test(text)) throw new RangeError('IA5String: expected characters up to 0x7F, found another character')
  return encodeElement(Tag.ia5String, new TextEncoder().encode(text))
}
