import { type DerReader, Tag } from '@meshid/der'
import { isSameBytes } from './is-same-bytes.ts'
import { type PlainExtensions, valueReaders } from './plain-extension-values.ts'
import { readEach } from './read-each.ts'
import { expectPlain } from './undecided.ts'

/** Reads the Extensions where the reader stands: each is there once, and what is not understood is not critical (X509-26). */
export function readPlainExtensions(reader: DerReader): PlainExtensions {
  const found: PlainExtensions = {
    isCa: false,
    pathLength: Infinity,
    usages: 0,
    hasCriticalUsages: false,
    uris: [],
    hasCriticalNames: false,
    subjectKeyIdentifier: undefined,
    authorityKeyIdentifier: undefined,
  }
  const seen: Uint8Array[] = []
  readEach(reader, () => {
    reader.enter(Tag.sequence)
    const oid = reader.readOidBytes()
    expectPlain(!seen.some((other) => isSameBytes(oid, other)))
    seen.push(oid)
    readValue(reader, oid, found)
    reader.leave()
  })
  return found
}

function readValue(reader: DerReader, oid: Uint8Array, found: PlainExtensions): void {
  const critical = reader.readBooleanDefaultFalse()
  const read = oid.length === 3 && oid[0] === 0x55 && oid[1] === 0x1d ? valueReaders[oid[2] ?? 0] : undefined
  if (read === undefined) {
    expectPlain(!critical)
    reader.readOctetString()
    return
  }
  reader.enter(Tag.octetString)
  read(reader, found, critical)
  reader.leave()
}
