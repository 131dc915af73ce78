import { DerReader, encodeOid, oids, Tag } from '@meshid/der'
import { CsrError } from './errors.ts'
import { unprintableAt } from './printable.ts'

/** One attribute of a subject, such as `2.5.4.3` (common name) with its text. */
export interface CsrSubjectAttribute {
  /** Dotted OBJECT IDENTIFIER. */
  readonly type: string
  readonly value: string
}

/** The subject that a request asks for; nobody vouches for it. */
export interface CsrSubject {
  readonly isEmpty: boolean
  readonly commonName: string | undefined
  /** In the order of the request; attributes of one multi-valued RDN follow each other. */
  readonly attributes: readonly CsrSubjectAttribute[]
}

const commonName = /* @__PURE__ */ encodeOid(oids.commonName)
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const control = /[\0-\x1f\x7f-\x9f]/

/** Moves past a Name; it must be strict, all text without control characters, and have at most one common name. */
export function checkSubject(reader: DerReader): void {
  reader.enter(Tag.sequence)
  let commonNames = 0
  while (!reader.done) {
    reader.enterSetOf()
    do {
      reader.enter(Tag.sequence)
      if (reader.nextOidIs(commonName)) commonNames += 1
      checkText(reader)
      reader.leave()
    } while (!reader.done)
    reader.leave()
  }
  if (commonNames > 1) throw invalid('at most one common name', `${commonNames}`)
  reader.leave()
}

function invalid(expected: string, found: string): CsrError {
  return new CsrError('CSR_SUBJECT_INVALID', { expected, found })
}

/** Moves past a string that must have no control characters, C1 included. */
function checkText(reader: DerReader): void {
  const tag = reader.peek()
  if (tag === Tag.utf8String) {
    reader.next(tag)
    if (unprintableAt(reader) < 0) return
  } else {
    reader.nextString()
    if (tag === Tag.printableString) return
  }
  const { bytes, start, contentEnd } = reader
  const text = new DerReader(bytes, { start, end: contentEnd }).readString()
  if (control.test(text)) throw invalid('text without control characters', 'a control character')
}

/** Decodes the Name that starts at an offset, which {@link checkSubject} has checked. */
export function readSubject(bytes: Uint8Array, start: number): CsrSubject {
  const reader = new DerReader(bytes, { start })
  const attributes: CsrSubjectAttribute[] = []
  reader.enter(Tag.sequence)
  while (!reader.done) {
    reader.enter(Tag.set)
    while (!reader.done) {
      reader.enter(Tag.sequence)
      attributes.push(Object.freeze({ type: reader.readOid(), value: reader.readString() }))
      reader.leave()
    }
    reader.leave()
  }
  return Object.freeze({
    isEmpty: attributes.length === 0,
    commonName: attributes.find(({ type }) => type === oids.commonName)?.value,
    attributes: Object.freeze(attributes),
  })
}
