import { DerReader, oids, Tag } from '@meshid/der'
import { CertificateError } from '../errors.ts'
import { bytesToHex } from '../hex.ts'
import { isSameBytes } from '../is-same-bytes.ts'
import { MAX_NAME_ATTRIBUTES } from '../limits.ts'
import { lastOid } from './last-oid.ts'

/** Short names of attribute types for display (RFC 4514 section 3, and the two that CAs add). */
const shortNames: Readonly<Record<string, string>> = {
  [oids.commonName]: 'CN',
  [oids.serialNumber]: 'SERIALNUMBER',
  [oids.countryName]: 'C',
  [oids.localityName]: 'L',
  [oids.stateOrProvinceName]: 'ST',
  [oids.streetAddress]: 'STREET',
  [oids.organizationName]: 'O',
  [oids.organizationalUnitName]: 'OU',
  [oids.userId]: 'UID',
  [oids.domainComponent]: 'DC',
  [oids.emailAddress]: 'emailAddress',
}

/** The character strings that a value may be; any other type is shown in hexadecimal. */
const stringTags: readonly number[] = [
  Tag.utf8String,
  Tag.printableString,
  Tag.ia5String,
  Tag.numericString,
  Tag.visibleString,
  Tag.teletexString,
  Tag.bmpString,
  Tag.universalString,
]

/** One attribute of a name. */
export interface NameAttribute {
  /** Dotted OID. */
  readonly type: string
  /** The text, or `#` and hexadecimal DER when the value is no character string. */
  readonly value: string
}

/**
 * The subject or issuer name of a certificate. Names are compared by their DER octets only, as issuers copy them.
 *
 * @see RFC 5280 section 4.1.2.4
 */
export class DistinguishedName {
  /** The DER of the name; a view into the certificate. */
  readonly bytes: Uint8Array
  readonly #count: number

  /** Of octets that {@link readDistinguishedName} has checked. */
  constructor(bytes: Uint8Array, count: number) {
    this.bytes = bytes
    this.#count = count
    Object.freeze(this)
  }

  /** In the order of the certificate; read from the octets at each use, because most names are only compared. */
  get attributes(): readonly NameAttribute[] {
    return Object.freeze(this.parts.flat())
  }

  /** The attributes by the parts that they stand in, outermost first; nearly every part has one. */
  get parts(): readonly (readonly NameAttribute[])[] {
    const parts: NameAttribute[][] = []
    const reader = new DerReader(this.bytes)
    walk(reader, (isFirst) => {
      if (isFirst) parts.push([])
      parts.at(-1)?.push(readAttribute(reader))
    })
    return parts
  }

  /** Whether the name has no attributes. */
  get isEmpty(): boolean {
    return this.#count === 0
  }

  /** The common name, if there is exactly one. It is for people: identities are in the subject alternative names. */
  get commonName(): string | undefined {
    const names = this.attributes.filter(({ type }) => type === oids.commonName)
    return names.length === 1 ? names[0]?.value : undefined
  }

  /** Whether both names have the same DER octets. */
  equals(other: DistinguishedName): boolean {
    return isSameBytes(this.bytes, other.bytes)
  }

  /** `CN=root.linkerd.cluster.local, O=…` in the order of the certificate, escaped as RFC 4514 says; safe to log. */
  text(): string {
    return this.attributes.map(({ type, value }) => `${shortNames[type] ?? type}=${escapeValue(value)}`).join(', ')
  }
}

function escapeValue(value: string): string {
  return value
    .replaceAll(/[,+"\\<>;]|^[ #]| $/g, '\\$&')
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
      [...new TextEncoder().encode(character)].map((octet) => `\\${octet.toString(16).padStart(2, '0')}`).join(''),
    )
}

/** Reads a Name where the reader stands, and checks its structure and its strings. */
export function readDistinguishedName(reader: DerReader): DistinguishedName {
  const start = reader.offset
  let count = 0
  walk(reader, () => {
    checkAttribute(reader)
    if (++count <= MAX_NAME_ATTRIBUTES) return
    throw new CertificateError('CERT_NAME_INVALID', `name: expected at most ${MAX_NAME_ATTRIBUTES} attributes`, {
      detail: { limit: MAX_NAME_ATTRIBUTES },
    })
  })
  return new DistinguishedName(reader.bytes.subarray(start, reader.offset), count)
}

/** Stops at each attribute, which `onAttribute` must read; it is told whether the attribute is the first of its part. */
function walk(reader: DerReader, onAttribute: (isFirst: boolean) => void): void {
  reader.enter(Tag.sequence)
  while (!reader.done) {
    reader.enterSetOf()
    if (reader.done) {
      throw new CertificateError('CERT_NAME_INVALID', 'name: expected an attribute in each part, found none')
    }
    for (let isFirst = true; !reader.done; isFirst = false) onAttribute(isFirst)
    reader.leave()
  }
  reader.leave()
}

function checkAttribute(reader: DerReader): void {
  reader.enter(Tag.sequence)
  reader.nextOid()
  if (stringTags.includes(reader.peek())) reader.nextString()
  else skipUnusualValue(reader)
  reader.leave()
}

/** Attributes that hold text in every name must hold it here; others may be of any type (RFC 5280 appendix A.1). */
function skipUnusualValue(reader: DerReader): void {
  const label = shortNames[lastOid(reader)]
  if (label !== undefined) {
    const found = 'another type'
    throw new CertificateError('CERT_NAME_INVALID', `name: expected a character string for ${label}, found ${found}`, {
      detail: { expected: `a character string for ${label}`, found },
    })
  }
  reader.skip()
}

function readAttribute(reader: DerReader): NameAttribute {
  reader.enter(Tag.sequence)
  const type = reader.readOid()
  const value = stringTags.includes(reader.peek()) ? reader.readString() : readHex(reader)
  reader.leave()
  return Object.freeze({ type, value })
}

function readHex(reader: DerReader): string {
  reader.skip()
  return `#${bytesToHex(reader.element())}`
}
