import {
  contextTag,
  DerError,
  DerReader,
  encodeBoolean,
  encodeElement,
  encodeExplicit,
  encodeNamedBits,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  oids,
  Tag,
} from '@meshid/der'

const extensionsTag = contextTag(3, { constructed: true })

/** An extension of the certificate, whole. */
interface Extension {
  readonly oid: string
  readonly der: Uint8Array
}

function extension(oid: string, value: Uint8Array, critical: boolean): Extension {
  return {
    oid,
    der: encodeSequence(encodeOid(oid), ...(critical ? [encodeBoolean(true)] : []), encodeOctetString(value)),
  }
}

/** What a leaf must have to be an SVID with this ID. */
function idExtension(id: string): Extension {
  return extension(oids.subjectAltName, encodeSequence(encodeElement(0x86, new TextEncoder().encode(id))), true)
}
const svidUsage = extension(oids.keyUsage, encodeNamedBits(1), true)

/** How much of a leaf is replaced. */
export type Graft = 'id' | 'id and usages'

/**
 * The certificate with a SPIFFE ID in place of its names, and if asked for with the usages of an SVID, so that a leaf of others can
 * be judged as an SVID by whoever believes its signature. One that cannot be read is left as it is.
 */
export function graftId(der: Uint8Array, id: string, graft: Graft): Uint8Array {
  try {
    return graftOnto(der, id, graft)
  } catch (error) {
    if (error instanceof DerError) return der
    throw error
  }
}

function graftOnto(der: Uint8Array, id: string, graft: Graft): Uint8Array {
  const reader = new DerReader(der)
  const elements = (): Uint8Array[] => {
    const read: Uint8Array[] = []
    while (!reader.done) {
      reader.skip()
      read.push(reader.element())
    }
    return read
  }
  reader.enter(Tag.sequence)
  reader.enter(Tag.sequence)
  const fields: Uint8Array[] = []
  while (!reader.done && reader.peek() !== extensionsTag) {
    reader.skip()
    fields.push(reader.element())
  }
  const kept: Extension[] = []
  if (!reader.done) {
    reader.enter(extensionsTag)
    reader.enter(Tag.sequence)
    kept.push(...elements().map((element) => ({ oid: oidOf(element), der: element })))
    reader.leave()
    reader.leave()
  }
  reader.leave()
  const replaced: readonly string[] =
    graft === 'id' ? [oids.subjectAltName] : [oids.subjectAltName, oids.keyUsage, oids.extendedKeyUsage]
  const extensions = [
    ...kept.filter(({ oid }) => !replaced.includes(oid)),
    idExtension(id),
    ...(graft === 'id' ? [] : [svidUsage]),
  ]
  const tbs = encodeSequence(...fields, encodeExplicit(3, encodeSequence(...extensions.map((each) => each.der))))
  return encodeSequence(tbs, ...elements())
}

function oidOf(element: Uint8Array): string {
  const reader = new DerReader(element)
  reader.enter(Tag.sequence)
  return reader.readOid()
}
