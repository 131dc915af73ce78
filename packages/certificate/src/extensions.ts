import { contextTag, DerReader, oidName, oids, Tag } from '@meshid/der'
import type {
  BasicConstraints,
  CertificateExtension,
  ExtendedKeyUsage,
  KeyUsage,
  KnownExtensions,
} from './certificate.ts'
import { CertificateError } from './errors.ts'
import { readSubjectAltNames } from './subject-alt-names.ts'

/** Most extensions of one certificate; public CAs use about ten. */
export const MAX_EXTENSIONS = 32

/** Most purposes of one extended key usage. */
export const MAX_PURPOSES = 32

type MutableExtensions = { -readonly [Field in keyof KnownExtensions]: KnownExtensions[Field] }

/** What {@link readExtensions} found. */
export interface ReadExtensions {
  readonly known: KnownExtensions
  readonly extensions: readonly CertificateExtension[]
  readonly unknownCritical: readonly string[]
}

/** One reader for each extension that is processed; it stands on the value's only element. */
const readers: Readonly<Record<string, (reader: DerReader, critical: boolean, found: MutableExtensions) => void>> = {
  [oids.basicConstraints]: (reader, critical, found) => {
    found.basicConstraints = readBasicConstraints(reader, critical)
  },
  [oids.keyUsage]: (reader, critical, found) => {
    found.keyUsage = readKeyUsage(reader, critical)
  },
  [oids.extendedKeyUsage]: (reader, critical, found) => {
    found.extendedKeyUsage = readExtendedKeyUsage(reader, critical)
  },
  [oids.subjectAltName]: (reader, critical, found) => {
    found.subjectAltNames = readSubjectAltNames(reader, critical)
  },
  [oids.subjectKeyIdentifier]: (reader, critical, found) => {
    found.subjectKeyIdentifier = checkKeyIdentifier('subjectKeyIdentifier', critical, reader.readOctetString())
  },
  [oids.authorityKeyIdentifier]: (reader, critical, found) => {
    found.authorityKeyIdentifier = readAuthorityKeyIdentifier(reader, critical)
  },
}

/** Reads the Extensions where the reader stands; each may be there once (RFC 5280 section 4.2). */
export function readExtensions(reader: DerReader): ReadExtensions {
  const known = emptyExtensions()
  const extensions: CertificateExtension[] = []
  const unknownCritical: string[] = []
  reader.enter(Tag.sequence)
  if (reader.done) throw invalid('extensions', 'at least one', 'none')
  while (!reader.done) {
    const extension = readExtension(reader)
    const { oid, critical, value } = extension
    if (extensions.some((other) => other.oid === oid)) {
      throw new CertificateError('CERT_EXTENSION_DUPLICATE', `extension ${labelOf(oid)}: expected once, found again`, {
        detail: { extension: labelOf(oid) },
      })
    }
    extensions.push(extension)
    if (extensions.length > MAX_EXTENSIONS) throw tooMany('extensions', MAX_EXTENSIONS)
    const readKnown = readers[oid]
    if (readKnown !== undefined) {
      const inner = new DerReader(value)
      readKnown(inner, critical, known)
      inner.end()
    } else if (critical) unknownCritical.push(oid)
  }
  reader.leave()
  return { known, extensions: Object.freeze(extensions), unknownCritical: Object.freeze(unknownCritical) }
}

/** A certificate without extensions has all fields of these. */
export function emptyExtensions(): MutableExtensions {
  return {
    basicConstraints: undefined,
    keyUsage: undefined,
    extendedKeyUsage: undefined,
    subjectAltNames: undefined,
    subjectKeyIdentifier: undefined,
    authorityKeyIdentifier: undefined,
  }
}

function readExtension(reader: DerReader): CertificateExtension {
  reader.enter(Tag.sequence)
  const oid = reader.readOid()
  const critical = reader.readBooleanDefaultFalse()
  const value = reader.readOctetString()
  reader.leave()
  return Object.freeze({ oid, critical, value })
}

function readBasicConstraints(reader: DerReader, critical: boolean): BasicConstraints {
  reader.enter(Tag.sequence)
  const ca = reader.readBooleanDefaultFalse()
  const pathLength = reader.done ? undefined : reader.readSmallInteger()
  reader.leave()
  if (pathLength !== undefined && pathLength < 0) {
    throw invalid('basicConstraints', 'a path length from 0', String(pathLength))
  }
  if (pathLength !== undefined && !ca) throw invalid('basicConstraints', 'a path length on CAs only', 'one on a leaf')
  return Object.freeze({ critical, ca, pathLength })
}

function readKeyUsage(reader: DerReader, critical: boolean): KeyUsage {
  const bits = reader.readNamedBits()
  if (bits === 0) throw invalid('keyUsage', 'at least one usage', 'none')
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

function readExtendedKeyUsage(reader: DerReader, critical: boolean): ExtendedKeyUsage {
  const purposes: string[] = []
  reader.enter(Tag.sequence)
  if (reader.done) throw invalid('extendedKeyUsage', 'at least one purpose', 'none')
  while (!reader.done) {
    purposes.push(labelOf(reader.readOid()))
    if (purposes.length > MAX_PURPOSES) throw tooMany('purposes', MAX_PURPOSES)
  }
  reader.leave()
  return Object.freeze({ critical, purposes: Object.freeze(purposes) })
}

function readAuthorityKeyIdentifier(reader: DerReader, critical: boolean): Uint8Array | undefined {
  reader.enter(Tag.sequence)
  const keyIdentifier = reader.peek() === contextTag(0) ? reader.readOctetString(contextTag(0)) : undefined
  const hasIssuer = reader.peek() === contextTag(1, { constructed: true })
  if (hasIssuer) reader.skip()
  const hasSerialNumber = reader.peek() === contextTag(2)
  if (hasSerialNumber) reader.readInteger(contextTag(2))
  reader.leave()
  if (hasIssuer !== hasSerialNumber) throw invalid('authorityKeyIdentifier', 'issuer and serial number', 'one of them')
  return checkKeyIdentifier('authorityKeyIdentifier', critical, keyIdentifier)
}

/** Key identifiers are hints, never critical and never empty (RFC 5280 sections 4.2.1.1 and 4.2.1.2). */
function checkKeyIdentifier<Value extends Uint8Array | undefined>(
  name: string,
  critical: boolean,
  value: Value,
): Value {
  if (critical) throw invalid(name, 'a non-critical extension', 'a critical one')
  if (value?.length === 0) throw invalid(name, 'a key identifier', 'an empty one')
  return value
}

/** The name of an OID if it has one. */
function labelOf(oid: string): string {
  return oidName(oid) ?? oid
}

function invalid(extension: string, expected: string, found: string): CertificateError {
  return new CertificateError('CERT_EXTENSION_INVALID', `${extension}: expected ${expected}, found ${found}`, {
    detail: { extension, expected, found },
  })
}

function tooMany(what: string, limit: number): CertificateError {
  return new CertificateError('CERT_EXTENSIONS_TOO_MANY', `${what}: expected at most ${limit}, found more`, {
    detail: { found: what, limit },
  })
}
