import { checkDer, contextTag, DerReader, encodeOid, oids, Tag } from '@meshid/der'
import { CsrError } from './errors.ts'
import { checkSubjectAltNames } from './subject-alt-names.ts'

/** Most extensions in one request; a request for an identity needs one, certificates in the wild have some ten. */
export const MAX_CSR_EXTENSIONS = 32

const attributesTag = /* @__PURE__ */ contextTag(0, { constructed: true })
const extensionRequest = /* @__PURE__ */ encodeOid(oids.extensionRequest)
const subjectAltName = /* @__PURE__ */ encodeOid(oids.subjectAltName)

/** Where the requested extensions and their subject alternative names start; -1 where there are none. */
export interface ExtensionOffsets {
  readonly extensions: number
  readonly subjectAltNames: number
}

const none: ExtensionOffsets = Object.freeze({ extensions: -1, subjectAltNames: -1 })

/**
 * Moves past the attributes of a request, which may be absent, as openssl also allows; at most one may ask for extensions.
 *
 * @see RFC 2986 section 4.1, RFC 2985 section 5.4.2
 */
export function checkAttributes(reader: DerReader): ExtensionOffsets {
  let found = none
  if (reader.done) return found
  reader.enterSetOf(attributesTag)
  while (!reader.done) {
    reader.enter(Tag.sequence)
    const isRequest = reader.nextOidIs(extensionRequest)
    reader.enterSetOf()
    if (isRequest) {
      if (found !== none) throw new CsrError('CSR_DUPLICATE_EXTENSION_REQUEST')
      found = checkExtensions(reader)
      if (!reader.done) throw new CsrError('CSR_DUPLICATE_EXTENSION_REQUEST')
    } else {
      checkUnknownValues(reader)
    }
    reader.leave()
    reader.leave()
  }
  reader.leave()
  return found
}

/** Other attributes (a challenge password, for example) mean nothing here, but they are DER as well. */
function checkUnknownValues(reader: DerReader): void {
  do {
    reader.skip()
    checkDer(reader.element())
  } while (!reader.done)
}

function checkExtensions(reader: DerReader): ExtensionOffsets {
  const extensions = reader.offset
  let subjectAltNames = -1
  let count = 0
  reader.enter(Tag.sequence)
  do {
    reader.enter(Tag.sequence)
    const isNames = reader.nextOidIs(subjectAltName)
    if (count > 0) checkNew(reader, extensions, count)
    count += 1
    reader.readBooleanDefaultFalse()
    if (isNames) {
      reader.enter(Tag.octetString)
      subjectAltNames = reader.offset
      checkSubjectAltNames(reader)
      reader.leave()
    } else {
      reader.next(Tag.octetString)
    }
    reader.leave()
  } while (!reader.done)
  reader.leave()
  return { extensions, subjectAltNames }
}

/** Compares the OID that was just read with those of the `count` extensions before it. */
function checkNew({ bytes, start, contentEnd }: DerReader, extensions: number, count: number): void {
  if (count >= MAX_CSR_EXTENSIONS) throw new CsrError('CSR_TOO_MANY_EXTENSIONS', { limit: MAX_CSR_EXTENSIONS })
  const found = new DerReader(bytes, { start, end: contentEnd }).readOid()
  const before = readExtensionOids(bytes, extensions, count)
  if (!before.includes(found)) return
  throw new CsrError('CSR_DUPLICATE_EXTENSION', { expected: 'each extension once', found: `${found} twice` })
}

/** The OIDs of the first extensions of the list that starts at an offset, which {@link checkAttributes} has checked. */
export function readExtensionOids(bytes: Uint8Array, start: number, count: number = Infinity): readonly string[] {
  const found: string[] = []
  const reader = new DerReader(bytes, { start })
  reader.enter(Tag.sequence)
  while (!reader.done && found.length < count) {
    reader.next(Tag.sequence)
    found.push(new DerReader(bytes, { start: reader.contentStart, end: reader.contentEnd }).readOid())
  }
  return Object.freeze(found)
}
