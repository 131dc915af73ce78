import { contextTag, type DerReader, encodeOid, oids, Tag } from '@meshid/der'
import { readEach } from './read-each.ts'
import { expectPlain } from './undecided.ts'

/** What the extensions of a plain certificate say. */
export interface PlainExtensions {
  isCa: boolean
  /** How many CAs may stand below; Infinity when there is no limit. */
  pathLength: number
  /** The bits of the key usage, bit n as `1 << n`; 0 when there is none. */
  usages: number
  hasCriticalUsages: boolean
  readonly uris: string[]
  hasCriticalNames: boolean
  subjectKeyIdentifier: Uint8Array | undefined
  authorityKeyIdentifier: Uint8Array | undefined
}

/** Reads the value of an extension where the reader stands. */
type ValueReader = (reader: DerReader, found: PlainExtensions, critical: boolean) => void

const keyIdentifier = contextTag(0)
const dnsName = contextTag(2)
const uri = contextTag(6)
const serverAuth = encodeOid(oids.serverAuth)
const clientAuth = encodeOid(oids.clientAuth)

const readSubjectKeyIdentifier: ValueReader = (reader, found, critical) => {
  found.subjectKeyIdentifier = reader.readOctetString()
  expectPlain(!critical && found.subjectKeyIdentifier.length > 0)
}

const readAuthorityKeyIdentifier: ValueReader = (reader, found, critical) => {
  reader.enter(Tag.sequence)
  found.authorityKeyIdentifier = reader.readOctetString(keyIdentifier)
  reader.leave()
  expectPlain(!critical && found.authorityKeyIdentifier.length > 0)
}

const readKeyUsage: ValueReader = (reader, found, critical) => {
  found.usages = reader.readNamedBits()
  found.hasCriticalUsages = critical
  expectPlain(found.usages > 0)
}

const readBasicConstraints: ValueReader = (reader, found) => {
  reader.enter(Tag.sequence)
  found.isCa = reader.readBooleanDefaultFalse()
  if (!reader.done) {
    found.pathLength = reader.readSmallInteger()
    expectPlain(found.isCa && found.pathLength >= 0)
  }
  reader.leave()
}

/** Whichever side of TLS it is for, so both (X509-21). */
const readPurposes: ValueReader = (reader) => {
  let isServer = false
  let isClient = false
  readEach(reader, () => {
    reader.nextOid()
    isServer ||= reader.elementEquals(serverAuth)
    isClient ||= reader.elementEquals(clientAuth)
  })
  expectPlain(isServer && isClient)
}

const LABEL = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?'
/** Labels of letters, digits, underscores and inner hyphens, the first of which may be a wildcard. */
const dnsNames = new RegExp(`^(?:\\*\\.)?${LABEL}(?:\\.${LABEL})*$`, 'i')
const MAX_DNS_NAME_LENGTH = 253

/** URIs and DNS names. */
const readNames: ValueReader = (reader, found, critical) => {
  found.hasCriticalNames = critical
  readEach(reader, () => {
    if (reader.peek() === dnsName) {
      const name = reader.readIa5String(dnsName)
      expectPlain(name.length <= MAX_DNS_NAME_LENGTH && dnsNames.test(name))
    } else {
      const name = reader.readIa5String(uri)
      expectPlain(/^[!-~]+$/.test(name))
      found.uris.push(name)
    }
  })
}

/** Counts whether it is critical or not, and is not understood here. */
const leave: ValueReader = () => expectPlain(false)

/** By the last arc below 2.5.29, which is where all extensions of a mesh's certificates are. */
export const valueReaders: Readonly<Record<number, ValueReader>> = {
  14: readSubjectKeyIdentifier,
  15: readKeyUsage,
  17: readNames,
  19: readBasicConstraints,
  30: leave, // name constraints
  35: readAuthorityKeyIdentifier,
  36: leave, // policy constraints
  37: readPurposes,
}
