import { contextTag, DerReader, oids, Tag } from '@meshid/der'
import { writeHeaderBefore, writeTextBefore } from './write-before.ts'
import type { WorkloadNames } from './workload-identity.ts'

/** What differs from leaf to leaf. */
export interface TemplateValues {
  /** The content of an INTEGER. */
  readonly serialNumber: Uint8Array
  /** The content of the SEQUENCE: both times. */
  readonly validity: Uint8Array
  /** The whole SubjectPublicKeyInfo. */
  readonly spki: Uint8Array
  /** The content of the OCTET STRING, as long as the prototype's. */
  readonly subjectKeyIdentifier: Uint8Array
  readonly names: WorkloadNames
}

type HoleName = keyof TemplateValues

/** Where the prototype's value stands. */
interface Hole {
  readonly name: HoleName
  readonly start: number
  readonly end: number
}

/** Constant bytes, a hole, or the edges of an element whose length depends on the holes inside; all of one shape, which is fast. */
interface Step {
  readonly kind: 'constant' | HoleName | 'header' | 'end'
  /** Of a constant. */
  readonly bytes: Uint8Array
  /** Of a header. */
  readonly tag: number
}

const noBytes = new Uint8Array()
const constant = (bytes: Uint8Array): Step => ({ kind: 'constant', bytes, tag: 0 })
const header = (tag: number): Step => ({ kind: 'header', bytes: noBytes, tag })
const mark = (kind: HoleName | 'end'): Step => ({ kind, bytes: noBytes, tag: 0 })

/** A prototype as constant segments with holes; see `compileTemplate`. */
export interface CompiledTemplate {
  /** From the last segment to the first. */
  readonly backwards: readonly Step[]
  /** The most bytes that constants and headers take. */
  readonly fixedBytes: number
}

/** Longest header here: the tag, the count of length octets and four of them. */
const MAX_HEADER_BYTES = 6

const dnsTag = contextTag(2)
const uriTag = contextTag(6)

/**
 * Compiles a prototype, the signed part of some leaf with two names, to constant segments with holes for what differs from leaf to leaf.
 *
 * Everything else, the issuer's name and key identifier included, stays as the prototype has it.
 */
export function compileTemplate(prototype: Uint8Array): CompiledTemplate {
  const bytes = prototype.slice()
  const steps = stepsBetween(bytes, 0, bytes.length, holesOf(bytes))
  let fixedBytes = 0
  for (const { kind, bytes: segment } of steps) fixedBytes += kind === 'header' ? MAX_HEADER_BYTES : segment.length
  return { backwards: steps.toReversed(), fixedBytes }
}

/** Where a value stands in a filled template. */
export interface Place {
  readonly start: number
  readonly end: number
}

/** A filled template. */
export interface FilledTemplate {
  readonly bytes: Uint8Array
  readonly places: Readonly<Record<HoleName, Place>>
}

/**
 * Fills a template. Writing goes backwards, so the length of each enclosing element is known when its header is due: nothing is
 * measured beforehand, nothing is moved, and nothing is parsed again.
 */
export function fillTemplate(compiled: CompiledTemplate, values: TemplateValues): FilledTemplate {
  const bytes = new Uint8Array(mostBytes(compiled, values))
  const found: (Place & { readonly name: HoleName })[] = []
  const ends: number[] = []
  let offset = bytes.length
  for (const { kind, bytes: segment, tag } of compiled.backwards) {
    const end = offset
    if (kind === 'end') {
      ends.push(end)
    } else if (kind === 'header') {
      offset = writeHeaderBefore(bytes, end, tag, (ends.pop() ?? end) - end)
    } else if (kind === 'constant') {
      offset = writeBytesBefore(bytes, end, segment)
    } else {
      offset =
        kind === 'names' ? writeNamesBefore(bytes, end, values.names) : writeBytesBefore(bytes, end, values[kind])
      found.push({ name: kind, start: offset, end })
    }
  }
  const places = found.map(({ name, start, end }) => [name, { start: start - offset, end: end - offset }])
  return { bytes: bytes.subarray(offset), places: Object.fromEntries(places) as FilledTemplate['places'] }
}

/** The most bytes that these values can make. */
function mostBytes({ fixedBytes }: CompiledTemplate, values: TemplateValues): number {
  const { serialNumber, validity, spki, subjectKeyIdentifier, names } = values
  let length = fixedBytes + serialNumber.length + validity.length + spki.length + subjectKeyIdentifier.length
  if (names.dnsName !== undefined) length += MAX_HEADER_BYTES + names.dnsName.length
  if (names.uri !== undefined) length += MAX_HEADER_BYTES + names.uri.length
  return length
}

function writeBytesBefore(bytes: Uint8Array, end: number, value: Uint8Array): number {
  bytes.set(value, end - value.length)
  return end - value.length
}

/** Writes the names so that they end at `end`, the DNS name before the URI; returns where they begin. */
export function writeNamesBefore(bytes: Uint8Array, end: number, { dnsName, uri }: WorkloadNames): number {
  let offset = end
  if (uri !== undefined) offset = writeTextBefore(bytes, offset, uriTag, uri)
  if (dnsName !== undefined) offset = writeTextBefore(bytes, offset, dnsTag, dnsName)
  return offset
}

function holesOf(tbs: Uint8Array): readonly Hole[] {
  const holes: Hole[] = []
  const reader = new DerReader(tbs)
  const content = (name: HoleName): void => {
    holes.push({ name, start: reader.contentStart, end: reader.contentEnd })
  }
  reader.enter(Tag.sequence)
  reader.next(contextTag(0, { constructed: true }))
  reader.next(Tag.integer)
  content('serialNumber')
  reader.next(Tag.sequence)
  reader.next(Tag.sequence)
  reader.next(Tag.sequence)
  content('validity')
  reader.next(Tag.sequence)
  reader.next(Tag.sequence)
  holes.push({ name: 'spki', start: reader.start, end: reader.contentEnd })
  reader.enter(contextTag(3, { constructed: true }))
  reader.enter(Tag.sequence)
  while (!reader.done) {
    reader.enter(Tag.sequence)
    const oid = reader.readOid()
    reader.readBooleanDefaultFalse()
    reader.enter(Tag.octetString)
    reader.skip()
    if (oid === oids.subjectKeyIdentifier) content('subjectKeyIdentifier')
    if (oid === oids.subjectAltName) content('names')
    reader.leave()
    reader.leave()
  }
  return holes
}

/** Copies the elements without a hole; of those around one whose length differs, keeps the header to be written anew. */
function stepsBetween(bytes: Uint8Array, start: number, end: number, holes: readonly Hole[]): Step[] {
  const steps: Step[] = []
  const reader = new DerReader(bytes, { start, end })
  let constantFrom = start
  while (!reader.done) {
    reader.skip()
    const { start: elementStart, contentStart, contentEnd } = reader
    const inside = holes.filter((hole) => hole.start >= elementStart && hole.end <= contentEnd)
    const [hole] = inside
    if (hole === undefined) continue
    const isReplaced = hole.start === elementStart || (hole.name === 'subjectKeyIdentifier' && inside.length === 1)
    const constantEnd = isReplaced ? hole.start : elementStart
    if (constantFrom < constantEnd) steps.push(constant(bytes.subarray(constantFrom, constantEnd)))
    constantFrom = isReplaced ? hole.end : contentEnd
    if (isReplaced) {
      steps.push(mark(hole.name))
      continue
    }
    const isContent = hole.start === contentStart && hole.end === contentEnd
    const content = isContent ? [mark(hole.name)] : stepsBetween(bytes, contentStart, contentEnd, inside)
    steps.push(header(bytes[elementStart] ?? 0), ...content, mark('end'))
  }
  if (constantFrom < end) steps.push(constant(bytes.subarray(constantFrom, end)))
  return steps
}
