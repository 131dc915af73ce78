import { contextTag, DerReader, Tag } from '@meshid/der'
import { parseSignatureAlgorithm, type PublicKey, readPublicKey, type SignatureAlgorithm } from '@meshid/keys'
import { MAX_DIRECT_BYTES } from './limits.ts'
import type { PlainExtensions } from './plain-extension-values.ts'
import { readEach } from './read-each.ts'
import { readPlainExtensions } from './read-plain-extensions.ts'
import { expectPlain } from './undecided.ts'

/** A certificate of the plain shape, by views of its own bytes. */
export interface PlainCertificate extends PlainExtensions {
  readonly der: Uint8Array
  readonly tbs: Uint8Array
  readonly signatureAlgorithm: SignatureAlgorithm
  readonly signature: Uint8Array
  readonly issuer: Uint8Array
  readonly subject: Uint8Array
  /** The first millisecond of validity. */
  readonly start: number
  /** Its notAfter, of which the whole second counts. */
  readonly notAfter: number
  readonly publicKey: PublicKey
}

const versionTag = contextTag(0, { constructed: true })
const extensionsTag = contextTag(3, { constructed: true })
const VERSION_3 = 2
/** Most octets of a serial number (RFC 5280 section 4.1.2.2). */
const MAX_SERIAL_NUMBER_BYTES = 20
/** The DER of a name without attributes. */
const EMPTY_NAME_BYTES = 2

/**
 * Reads a certificate by offsets in its own bytes, of which nothing is copied; they must not change meanwhile.
 *
 * @throws Undecided, DerError, KeysError when it has not the plain shape
 */
export function readPlainCertificate(der: Uint8Array): PlainCertificate {
  const reader = new DerReader(der, { maxBytes: MAX_DIRECT_BYTES })
  reader.enter(Tag.sequence)
  const from = reader.offset
  reader.enter(Tag.sequence)
  reader.enter(versionTag)
  expectPlain(reader.readSmallInteger() === VERSION_3)
  reader.leave()
  readSerialNumber(reader)
  const signatureAlgorithm = parseSignatureAlgorithm(reader)
  const algorithm = reader.element()
  const issuer = readName(reader)
  expectPlain(!isEmptyName(issuer))
  reader.enter(Tag.sequence)
  const start = reader.readTime().getTime()
  const notAfter = reader.readTime().getTime()
  reader.leave()
  expectPlain(start <= notAfter)
  const subject = readName(reader)
  const publicKey = readPublicKey(reader)
  reader.enter(extensionsTag)
  const extensions = readPlainExtensions(reader)
  reader.leave()
  reader.leave()
  const tbs = der.subarray(from, reader.offset)
  reader.next(Tag.sequence)
  expectPlain(reader.elementEquals(algorithm))
  const { unusedBits, bytes: signature } = reader.readBitString()
  expectPlain(unusedBits === 0)
  reader.leave()
  reader.end()
  return { ...extensions, der, tbs, signatureAlgorithm, signature, issuer, subject, start, notAfter, publicKey }
}

/** Positive, of authorities too: whoever has one with zero asks `verifySvid`. */
function readSerialNumber(reader: DerReader): void {
  const serialNumber = reader.readInteger()
  const [first = 0] = serialNumber
  expectPlain(first < 0x80 && serialNumber.length <= MAX_SERIAL_NUMBER_BYTES && (first > 0 || serialNumber.length > 1))
}

/** One attribute in each part, and each a character string: names are compared by their octets. */
function readName(reader: DerReader): Uint8Array {
  const start = reader.offset
  readEach(reader, () => {
    reader.enter(Tag.set)
    reader.enter(Tag.sequence)
    reader.nextOid()
    reader.nextString()
    reader.leave()
    reader.leave()
  })
  return reader.bytes.subarray(start, reader.offset)
}

/** Whether a name that was read has no attributes. */
export function isEmptyName(name: Uint8Array): boolean {
  return name.length === EMPTY_NAME_BYTES
}
