import { Tag } from '@meshid/der'
import {
  type CompiledTemplate,
  fillTemplate,
  type Place,
  type TemplateValues,
  writeNamesBefore,
} from './compile-template.ts'

/** Bytes of the outermost header at most. */
export const HEADER_BYTES = 4

/** Bytes of the signature's BIT STRING before the signature: tag, length, count of unused bits. */
export const BIT_STRING_BYTES = 3

/** Most shapes that are kept, each as long as a leaf: the names of a mesh have some dozens of lengths. */
export const MAX_SHAPES = 256

/** What all leaves have in common whose values are equally long: every byte but the values themselves. */
export interface LeafShape {
  /** Room for the outermost header, then the signed part of some leaf, the algorithm, and what stands before the signature. */
  readonly bytes: Uint8Array
  /** Where the signed part ends. */
  readonly tbsEnd: number
  readonly places: Readonly<Record<keyof TemplateValues, Place>>
}

/** Says what shape a leaf has. Most have one that was seen before, so writing them is to copy it and to put the values in. */
export function createLeafShapes(
  template: CompiledTemplate,
  algorithm: Uint8Array,
): (values: TemplateValues) => LeafShape {
  const shapes = new Map<number, LeafShape>()
  return (values) => {
    const key = lengthsOfNames(values)
    const known = shapes.get(key)
    if (known !== undefined && fits(known, values)) return known
    const shape = shapeOf(template, algorithm, values)
    if (shapes.size >= MAX_SHAPES) shapes.clear()
    shapes.set(key, shape)
    return shape
  }
}

/** Both lengths in one number: a DNS name has at most 253 characters, and however long an ID is, the number is exact; no name is empty. */
function lengthsOfNames({ names: { dnsName, uri } }: TemplateValues): number {
  return (uri?.length ?? 0) * 0x1_0000 + (dnsName?.length ?? 0)
}

/** Whether the other values are as long as those of the shape, which they are but for a serial number in 128 and for other keys. */
function fits({ places }: LeafShape, { serialNumber, validity, spki, subjectKeyIdentifier }: TemplateValues): boolean {
  return (
    lengthOf(places.serialNumber) === serialNumber.length &&
    lengthOf(places.validity) === validity.length &&
    lengthOf(places.spki) === spki.length &&
    lengthOf(places.subjectKeyIdentifier) === subjectKeyIdentifier.length
  )
}

function lengthOf({ start, end }: Place): number {
  return end - start
}

function shapeOf(template: CompiledTemplate, algorithm: Uint8Array, values: TemplateValues): LeafShape {
  const { bytes: tbs, places } = fillTemplate(template, values)
  const tbsEnd = HEADER_BYTES + tbs.length
  const bytes = new Uint8Array(tbsEnd + algorithm.length + BIT_STRING_BYTES)
  bytes.set(tbs, HEADER_BYTES)
  bytes.set(algorithm, tbsEnd)
  bytes[tbsEnd + algorithm.length] = Tag.bitString
  return { bytes, tbsEnd, places }
}

/** Writes the leaf with these values, which have the shape, from `at` on; its outermost header and its signature are still missing. */
export function writeLeaf(
  { bytes: shape, places }: LeafShape,
  values: TemplateValues,
  { bytes, at }: { readonly bytes: Uint8Array; readonly at: number },
): void {
  const first = at + HEADER_BYTES
  bytes.set(shape, at)
  bytes.set(values.serialNumber, first + places.serialNumber.start)
  bytes.set(values.validity, first + places.validity.start)
  bytes.set(values.spki, first + places.spki.start)
  bytes.set(values.subjectKeyIdentifier, first + places.subjectKeyIdentifier.start)
  writeNamesBefore(bytes, first + places.names.end, values.names)
}
