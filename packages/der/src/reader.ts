import { type BitString, decodeNamedBits, unusedBitsOf } from './bit-string.ts'
import { checkBoolean, checkNull } from './boolean.ts'
import { DerCursor } from './cursor.ts'
import { DerError } from './errors.ts'
import { checkInteger, decodeSmallInteger } from './integer.ts'
import { checkOid, decodeOid } from './oid.ts'
import { checkString, decodeString } from './string.ts'
import { Tag } from './tag.ts'
import { decodeTime } from './time.ts'

/**
 * Reads strict DER by offsets in the caller's own bytes; moving about allocates nothing.
 *
 * Only what is read is checked: `next` and `enter` check tag and length, each `read…` also its content, and `leave` and
 * `end` that nothing is left over. Nothing here is trusted because it could be read. Bytes must not change meanwhile.
 *
 * @throws DerError from every method: DER_TRUNCATED, DER_TAG_MISMATCH, DER_TAG_INVALID, DER_LENGTH_INDEFINITE,
 *   DER_LENGTH_NOT_MINIMAL, DER_TRAILING_BYTES, DER_TOO_DEEP, DER_TOO_LARGE, and the code of the type that is read
 * @see X.690 sections 8 and 10
 */
export class DerReader extends DerCursor {
  readBoolean(tag: number = Tag.boolean): boolean {
    this.next(tag)
    return checkBoolean(this.bytes, this.contentStart, this.contentEnd)
  }

  /** A BOOLEAN DEFAULT FALSE, such as `critical`: absent is false, and a written false is refused (X.690 11.5). */
  readBooleanDefaultFalse(tag: number = Tag.boolean): boolean {
    if (this.peek() !== tag) return false
    if (!this.readBoolean(tag))
      throw new DerError('DER_DEFAULT_ENCODED', { offset: this.start, expected: 'nothing for FALSE' })
    return true
  }

  /** An INTEGER of at most 48 bits. */
  readSmallInteger(tag: number = Tag.integer): number {
    this.next(tag)
    return decodeSmallInteger(this.bytes, this.contentStart, this.contentEnd)
  }

  /** The content of an INTEGER of any length: two's complement, big-endian, minimal; a view. */
  readInteger(tag: number = Tag.integer): Uint8Array {
    this.next(tag)
    checkInteger(this.bytes, this.contentStart, this.contentEnd)
    return this.content()
  }

  /** An OBJECT IDENTIFIER in dotted form. */
  readOid(tag: number = Tag.oid): string {
    this.next(tag)
    return decodeOid(this.bytes, this.contentStart, this.contentEnd)
  }

  /** The content of an OBJECT IDENTIFIER; a view. */
  readOidBytes(tag: number = Tag.oid): Uint8Array {
    this.nextOid(tag)
    return this.content()
  }

  /** Moves past an OBJECT IDENTIFIER and checks it, without allocating; compare with {@link elementEquals}. */
  nextOid(tag: number = Tag.oid): void {
    this.next(tag)
    checkOid(this.bytes, this.contentStart, this.contentEnd)
  }

  /** Moves past an OBJECT IDENTIFIER and says whether it is this one, tag and length included; any other is checked. */
  nextOidIs(expected: Uint8Array): boolean {
    this.next(Tag.oid)
    if (this.elementEquals(expected)) return true
    checkOid(this.bytes, this.contentStart, this.contentEnd)
    return false
  }

  /** A BIT STRING; its bytes are a view. */
  readBitString(tag: number = Tag.bitString): BitString {
    this.next(tag)
    const unusedBits = unusedBitsOf(this.bytes, this.contentStart, this.contentEnd)
    return { unusedBits, bytes: this.bytes.subarray(this.contentStart + 1, this.contentEnd) }
  }

  /** A named bit list such as KeyUsage: bit n of the list is `1 << n`; trailing zero bits are refused. */
  readNamedBits(tag: number = Tag.bitString): number {
    this.next(tag)
    return decodeNamedBits(this.bytes, this.contentStart, this.contentEnd)
  }

  /** The content of an OCTET STRING; a view. */
  readOctetString(tag: number = Tag.octetString): Uint8Array {
    this.next(tag)
    return this.content()
  }

  readNull(tag: number = Tag.null): void {
    this.next(tag)
    checkNull(this.contentStart, this.contentEnd)
  }

  /** A UTCTime or GeneralizedTime in the one form that X.509 allows (RFC 5280 4.1.2.5). */
  readTime(): Date {
    const tag = this.peek() === Tag.generalizedTime ? Tag.generalizedTime : Tag.utcTime
    this.next(tag)
    return new Date(decodeTime(tag, this.bytes, this.contentStart, this.contentEnd))
  }

  /** A character string of any X.509 type, checked against its alphabet; control characters may be in it. */
  readString(): string {
    const tag = this.peek()
    this.skip()
    return decodeString(tag, this.bytes, this.contentStart, this.contentEnd)
  }

  /** Moves past a character string and checks it as {@link readString} does, without allocating where it is ASCII. */
  nextString(): void {
    const tag = this.peek()
    this.skip()
    checkString(tag, this.bytes, this.contentStart, this.contentEnd)
  }

  /** An IA5String, or with a context tag the IA5 names of a GeneralName; control characters may be in it. */
  readIa5String(tag: number = Tag.ia5String): string {
    this.next(tag)
    return decodeString(Tag.ia5String, this.bytes, this.contentStart, this.contentEnd)
  }
}
