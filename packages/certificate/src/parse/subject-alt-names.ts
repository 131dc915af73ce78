import { contextTag, type DerReader, Tag } from '@meshid/der'
import { type DistinguishedName, readDistinguishedName } from './distinguished-name.ts'
import type { CertificateError } from '../errors.ts'
import { invalidExtension, tooMany } from './extension-refusal.ts'
import { MAX_SUBJECT_ALT_NAMES } from '../limits.ts'

/**
 * The names of a certificate's subject, in the certificate's order, as their raw IA5 text: nothing is normalised.
 *
 * @see RFC 5280 section 4.2.1.6
 */
export interface SubjectAltNames {
  readonly critical: boolean
  readonly dnsNames: readonly string[]
  readonly uris: readonly string[]
  readonly emailAddresses: readonly string[]
  /** `10.0.0.1` or eight lower-case groups such as `fd00:0:0:0:0:0:0:1`. */
  readonly ipAddresses: readonly string[]
  readonly directoryNames: readonly DistinguishedName[]
  readonly directoryNameCount: number
  /** How many names of any other kind there are (otherName, x400Address, ediPartyName, registeredID). */
  readonly otherNameCount: number
}

interface NameLists {
  readonly dnsNames: string[]
  readonly uris: string[]
  readonly emailAddresses: string[]
  readonly ipAddresses: string[]
  readonly directoryNames: DistinguishedName[]
  otherNameCount: number
}

const generalName = {
  other: contextTag(0, { constructed: true }),
  email: contextTag(1),
  dns: contextTag(2),
  x400: contextTag(3, { constructed: true }),
  directory: contextTag(4, { constructed: true }),
  ediParty: contextTag(5, { constructed: true }),
  uri: contextTag(6),
  ip: contextTag(7),
  registeredId: contextTag(8),
} as const

/** Reads the value of a subject alternative name extension. */
export function readSubjectAltNames(reader: DerReader, critical: boolean): SubjectAltNames {
  const lists: NameLists = {
    dnsNames: [],
    uris: [],
    emailAddresses: [],
    ipAddresses: [],
    directoryNames: [],
    otherNameCount: 0,
  }
  reader.enter(Tag.sequence)
  if (reader.done) throw invalid('at least one name', 'none')
  for (let count = 1; !reader.done; count++) {
    if (count > MAX_SUBJECT_ALT_NAMES) throw tooMany('subjectAltName', MAX_SUBJECT_ALT_NAMES)
    readGeneralName(reader, lists)
  }
  reader.leave()
  return Object.freeze({
    critical,
    dnsNames: Object.freeze(lists.dnsNames),
    uris: Object.freeze(lists.uris),
    emailAddresses: Object.freeze(lists.emailAddresses),
    ipAddresses: Object.freeze(lists.ipAddresses),
    directoryNames: Object.freeze(lists.directoryNames),
    directoryNameCount: lists.directoryNames.length,
    otherNameCount: lists.otherNameCount,
  })
}

function readGeneralName(reader: DerReader, lists: NameLists): void {
  switch (reader.peek()) {
    case generalName.dns:
      lists.dnsNames.push(readIa5Name(reader, 'DNS name'))
      return
    case generalName.uri:
      lists.uris.push(readIa5Name(reader, 'URI'))
      return
    case generalName.email:
      lists.emailAddresses.push(readIa5Name(reader, 'e-mail address'))
      return
    case generalName.ip:
      lists.ipAddresses.push(readIpAddress(reader))
      return
    case generalName.directory:
      reader.enter(generalName.directory)
      lists.directoryNames.push(readDistinguishedName(reader))
      reader.leave()
      return
    case generalName.registeredId:
      reader.nextOid(generalName.registeredId)
      lists.otherNameCount++
      return
    case generalName.other:
    case generalName.x400:
    case generalName.ediParty:
      reader.skip()
      lists.otherNameCount++
      return
    default:
      throw invalid('a name of RFC 5280', 'another tag')
  }
}

/** An IA5String with neither control characters nor spaces: no URI, DNS name or mailbox of RFC 5280 has them. */
function readIa5Name(reader: DerReader, kind: string): string {
  const text = reader.readIa5String(reader.peek())
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code <= 0x20 || code === 0x7f) throw invalid(`a ${kind} of printing characters`, 'a control character or space')
  }
  if (text === '') throw invalid(`a ${kind}`, 'an empty one')
  return text
}

function readIpAddress(reader: DerReader): string {
  const bytes = reader.readOctetString(generalName.ip)
  if (bytes.length === 4) return bytes.join('.')
  if (bytes.length !== 16) throw invalid('an IP address of 4 or 16 octets', `${bytes.length} octets`)
  const groups: string[] = []
  for (let at = 0; at < 16; at += 2) groups.push((((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)).toString(16))
  return groups.join(':')
}

function invalid(expected: string, found: string): CertificateError {
  return invalidExtension('subjectAltName', expected, found)
}
