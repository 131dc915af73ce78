import { contextTag, type DerReader, encodeOid, oids, Tag } from '@meshid/der'
import type { BasicConstraints, ExtendedKeyUsage, KeyUsage } from './certificate.ts'
import { invalidExtension, tooMany } from './extension-refusal.ts'
import { lastOid } from './last-oid.ts'
import { MAX_PURPOSES } from '../limits.ts'

/** The usual purposes with their encodings: each leaf is looked up, so no text is built for them. */
const purposeNames = (
  [
    'serverAuth',
    'clientAuth',
    'anyExtendedKeyUsage',
    'codeSigning',
    'emailProtection',
    'timeStamping',
    'ocspSigning',
  ] as const
).map((name) => ({ name, der: encodeOid(oids[name]) }))

/** @see RFC 5280 section 4.2.1.9 */
export function readBasicConstraints(reader: DerReader, critical: boolean): BasicConstraints {
  reader.enter(Tag.sequence)
  const ca = reader.readBooleanDefaultFalse()
  const pathLength = reader.done ? undefined : reader.readSmallInteger()
  reader.leave()
  if (pathLength !== undefined && pathLength < 0) {
    throw invalidExtension('basicConstraints', 'a path length from 0', String(pathLength))
  }
  if (pathLength !== undefined && !ca)
    throw invalidExtension('basicConstraints', 'a path length on CAs only', 'one on a leaf')
  return Object.freeze({ critical, ca, pathLength })
}

/** @see RFC 5280 section 4.2.1.3 */
export function readKeyUsage(reader: DerReader, critical: boolean): KeyUsage {
  const bits = reader.readNamedBits()
  if (bits === 0) throw invalidExtension('keyUsage', 'at least one usage', 'none')
  const has = (bit: number): boolean => (bits & (1 << bit)) !== 0
  return Object.freeze({
    critical,
    digitalSignature: has(0),
    contentCommitment: has(1),
    keyEncipherment: has(2),
    dataEncipherment: has(3),
    keyAgreement: has(4),
    keyCertSign: has(5),
    crlSign: has(6),
    encipherOnly: has(7),
    decipherOnly: has(8),
  })
}

/** @see RFC 5280 section 4.2.1.12 */
export function readExtendedKeyUsage(reader: DerReader, critical: boolean): ExtendedKeyUsage {
  const purposes: string[] = []
  reader.enter(Tag.sequence)
  if (reader.done) throw invalidExtension('extendedKeyUsage', 'at least one purpose', 'none')
  while (!reader.done) {
    reader.nextOid()
    purposes.push(purposeNames.find(({ der }) => reader.elementEquals(der))?.name ?? lastOid(reader))
    if (purposes.length > MAX_PURPOSES) throw tooMany('purposes', MAX_PURPOSES)
  }
  reader.leave()
  return Object.freeze({ critical, purposes: Object.freeze(purposes) })
}

/** Only the key identifier; issuer and serial number stand together or not at all. @see RFC 5280 section 4.2.1.1 */
export function readAuthorityKeyIdentifier(reader: DerReader, critical: boolean): Uint8Array | undefined {
  reader.enter(Tag.sequence)
  const keyIdentifier = reader.peek() === contextTag(0) ? reader.readOctetString(contextTag(0)) : undefined
  const hasIssuer = reader.peek() === contextTag(1, { constructed: true })
  if (hasIssuer) reader.skip()
  const hasSerialNumber = reader.peek() === contextTag(2)
  if (hasSerialNumber) reader.readInteger(contextTag(2))
  reader.leave()
  if (hasIssuer !== hasSerialNumber)
    throw invalidExtension('authorityKeyIdentifier', 'issuer and serial number', 'one of them')
  return checkKeyIdentifier('authorityKeyIdentifier', critical, keyIdentifier)
}

/** Key identifiers are hints, never critical and never empty (RFC 5280 sections 4.2.1.1 and 4.2.1.2). */
export function checkKeyIdentifier<Value extends Uint8Array | undefined>(
  name: string,
  critical: boolean,
  value: Value,
): Value {
  if (critical) throw invalidExtension(name, 'a non-critical extension', 'a critical one')
  if (value?.length === 0) throw invalidExtension(name, 'a key identifier', 'an empty one')
  return value
}
