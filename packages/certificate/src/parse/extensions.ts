import { type DerReader, oidName, oids, Tag } from '@meshid/der'
import type { CertificateExtension, KnownExtensions } from './certificate.ts'
import { CertificateError } from '../errors.ts'
import { invalidExtension, tooMany } from './extension-refusal.ts'
import {
  checkKeyIdentifier,
  readAuthorityKeyIdentifier,
  readBasicConstraints,
  readExtendedKeyUsage,
  readKeyUsage,
} from './extension-values.ts'
import { lastOid } from './last-oid.ts'
import { readNameConstraints } from './name-constraints.ts'
import { isReadableWhenCritical, readPolicyConstraints } from './policy-extensions.ts'
import { readSubjectAltNames } from './subject-alt-names.ts'
import { MAX_EXTENSIONS } from '../limits.ts'

/** The OIDs of RFC 5280's own extensions, by their last arc, so that no text is built for them. */
const certificateExtensions: readonly string[] = Array.from({ length: 0x80 }, (_, arc) => `2.5.29.${arc}`)

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
  [oids.nameConstraints]: (reader, critical, found) => {
    found.nameConstraints = readNameConstraints(reader, critical)
  },
  [oids.policyConstraints]: (reader, critical, found) => {
    found.policyConstraints = readPolicyConstraints(reader, critical)
  },
}

/** Reads the Extensions where the reader stands; each may be there once (RFC 5280 section 4.2). */
export function readExtensions(reader: DerReader): ReadExtensions {
  const known = emptyExtensions()
  const extensions: CertificateExtension[] = []
  const unknownCritical: string[] = []
  reader.enter(Tag.sequence)
  if (reader.done) throw invalidExtension('extensions', 'at least one', 'none')
  while (!reader.done) {
    if (extensions.length >= MAX_EXTENSIONS) throw tooMany('extensions', MAX_EXTENSIONS)
    const extension = readExtension(reader, extensions, known)
    extensions.push(extension)
    if (extension.critical && !isProcessed(extension)) unknownCritical.push(extension.oid)
  }
  reader.leave()
  if (known.nameConstraints !== undefined && known.basicConstraints?.ca !== true) {
    throw invalidExtension('nameConstraints', 'name constraints on CAs only', 'them on a leaf')
  }
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
    nameConstraints: undefined,
    policyConstraints: undefined,
  }
}

function isProcessed(extension: CertificateExtension): boolean {
  return readers[extension.oid] !== undefined || isReadableWhenCritical(extension)
}

function readExtension(
  reader: DerReader,
  earlier: readonly CertificateExtension[],
  known: MutableExtensions,
): CertificateExtension {
  reader.enter(Tag.sequence)
  const oid = readExtensionOid(reader)
  for (const other of earlier) if (other.oid === oid) throw duplicate(oid)
  const critical = reader.readBooleanDefaultFalse()
  const value = readValue(reader, readers[oid], critical, known)
  reader.leave()
  return Object.freeze({ oid, critical, value })
}

/** Reads a known value in place, inside of its OCTET STRING. */
function readValue(
  reader: DerReader,
  readKnown: (typeof readers)[string] | undefined,
  critical: boolean,
  known: MutableExtensions,
): Uint8Array {
  if (readKnown === undefined) return reader.readOctetString()
  reader.enter(Tag.octetString)
  const start = reader.offset
  readKnown(reader, critical, known)
  const value = reader.bytes.subarray(start, reader.offset)
  reader.leave()
  return value
}

function readExtensionOid(reader: DerReader): string {
  reader.nextOid()
  const { bytes, contentStart: at, contentEnd: end } = reader
  const isOwn = end - at === 3 && bytes[at] === 0x55 && bytes[at + 1] === 0x1d
  return (isOwn ? certificateExtensions[bytes[at + 2] ?? 0] : undefined) ?? lastOid(reader)
}

function duplicate(oid: string): CertificateError {
  return new CertificateError('CERT_EXTENSION_DUPLICATE', `extension ${labelOf(oid)}: expected once, found again`, {
    detail: { extension: labelOf(oid) },
  })
}

/** The name of an OID if it has one. */
function labelOf(oid: string): string {
  return oidName(oid) ?? oid
}
