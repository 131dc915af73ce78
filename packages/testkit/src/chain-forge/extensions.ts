import {
  encodeBoolean,
  encodeElement,
  encodeInteger,
  encodeNamedBits,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  encodeSet,
  encodeUtf8String,
  oids,
} from '@meshid/der'

/** One extension: its OID, by which it is found, and the whole of it as it will be written. */
export interface ForgedExtension {
  readonly oid: string
  readonly der: Uint8Array
}

export function extension(oid: string, value: Uint8Array, critical = false): ForgedExtension {
  const parts = [encodeOid(oid), ...(critical ? [encodeBoolean(true)] : []), encodeOctetString(value)]
  return { oid, der: encodeSequence(...parts) }
}

/** What {@link basicConstraints} says. */
export interface ForgedBasicConstraints {
  readonly ca: boolean
  readonly pathLength?: number | bigint | undefined
  readonly critical?: boolean
}

export function basicConstraints({ ca, pathLength, critical = true }: ForgedBasicConstraints): ForgedExtension {
  const parts = [...(ca ? [encodeBoolean(true)] : []), ...(pathLength === undefined ? [] : [encodeInteger(pathLength)])]
  return extension(oids.basicConstraints, encodeSequence(...parts), critical)
}

/** Bits of RFC 5280 section 4.2.1.3. */
export const usageBits = {
  digitalSignature: 1,
  keyEncipherment: 4,
  keyAgreement: 16,
  keyCertSign: 32,
  crlSign: 64,
} as const

/** A name of {@link usageBits}. */
export type ForgedUsage = keyof typeof usageBits

export function keyUsage(usages: readonly ForgedUsage[], critical = true): ForgedExtension {
  const bits = usages.reduce((sum, usage) => sum | usageBits[usage], 0)
  return extension(oids.keyUsage, encodeNamedBits(bits), critical)
}

/** Purposes of extended key usage. */
export type ForgedPurpose = 'serverAuth' | 'clientAuth' | 'codeSigning' | 'anyExtendedKeyUsage'

export function extendedKeyUsage(purposes: readonly ForgedPurpose[], critical = false): ForgedExtension {
  const value = encodeSequence(...purposes.map((purpose) => encodeOid(oids[purpose])))
  return extension(oids.extendedKeyUsage, value, critical)
}

const tags = { email: 0x81, dns: 0x82, uri: 0x86, ip: 0x87, registeredId: 0x88 } as const

/** A GeneralName of a text (as UTF-8, which is ASCII for honest names) or of octets. */
export function generalName(kind: keyof typeof tags, value: string | Uint8Array): Uint8Array {
  return encodeElement(tags[kind], typeof value === 'string' ? new TextEncoder().encode(value) : value)
}

export function directoryName(name: Uint8Array): Uint8Array {
  return encodeElement(0xa4, name)
}

export function subjectAltName(names: readonly Uint8Array[], critical = true): ForgedExtension {
  return extension(oids.subjectAltName, encodeSequence(...names), critical)
}

export function subjectKeyIdentifier(identifier: Uint8Array, critical = false): ForgedExtension {
  return extension(oids.subjectKeyIdentifier, encodeOctetString(identifier), critical)
}

export function authorityKeyIdentifier(identifier: Uint8Array, critical = false): ForgedExtension {
  return extension(oids.authorityKeyIdentifier, encodeSequence(encodeElement(0x80, identifier)), critical)
}

/** Subtrees of {@link nameConstraints}, each a GeneralName. */
export interface ForgedSubtrees {
  readonly permitted?: readonly Uint8Array[]
  readonly excluded?: readonly Uint8Array[]
  readonly critical?: boolean
}

export function nameConstraints({ permitted, excluded, critical = true }: ForgedSubtrees): ForgedExtension {
  const subtrees = (tag: number, names: readonly Uint8Array[] | undefined): readonly Uint8Array[] =>
    names === undefined ? [] : [encodeElement(tag, ...names.map((base) => encodeSequence(base)))]
  const value = encodeSequence(...subtrees(0xa0, permitted), ...subtrees(0xa1, excluded))
  return extension(oids.nameConstraints, value, critical)
}

/** A name of one common name; the empty name without one. */
export function distinguishedName(
  commonName?: string,
  encodeString: (text: string) => Uint8Array = encodeUtf8String,
): Uint8Array {
  if (commonName === undefined) return encodeSequence()
  return encodeSequence(encodeSet(encodeSequence(encodeOid(oids.commonName), encodeString(commonName))))
}
