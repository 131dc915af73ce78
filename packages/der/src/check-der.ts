import { checkBoolean, checkNull } from './boolean.ts'
import { unusedBitsOf } from './bit-string.ts'
import { DerError } from './errors.ts'
import { checkInteger } from './integer.ts'
import { checkOid } from './oid.ts'
import { DerReader } from './reader.ts'
import { isBefore } from './set-order.ts'
import { checkString, isStringTag } from './string.ts'
import { describeTag, isStrictTag, Tag } from './tag.ts'
import { checkTime } from './time.ts'

/** Options of {@link checkDer}. */
export interface CheckDerOptions {
  /** Most bytes; `DER_MAX_BYTES` by default. */
  readonly maxBytes?: number
  /** Deepest nesting; `DER_MAX_DEPTH` by default. */
  readonly maxDepth?: number
}

/**
 * Checks that the bytes are exactly one element of strict DER, at every depth.
 *
 * Strict means well-formed, not true or trusted. What an OCTET STRING, a BIT STRING or an implicit tag hides is not looked
 * into. A SET may be sorted as a SET (by tag) or as a SET OF (by encoding): without its schema both are DER.
 *
 * @throws DerError with any code that does not start with `DER_PEM`
 * @see X.690 sections 8, 10 and 11
 */
export function checkDer(bytes: Uint8Array, { maxBytes, maxDepth }: CheckDerOptions = {}): void {
  const reader = new DerReader(bytes, {
    ...(maxBytes === undefined ? {} : { maxBytes }),
    ...(maxDepth === undefined ? {} : { maxDepth }),
  })
  checkElement(reader)
  reader.end()
}

function checkElement(reader: DerReader): void {
  const tag = reader.peek()
  if (tag >= 0 && !isStrictTag(tag)) {
    throw new DerError('DER_TAG_INVALID', { offset: reader.offset, found: describeTag(tag) })
  }
  if ((tag & 0x20) === 0 || tag < 0) {
    reader.next(tag)
    checkContent(tag, reader.bytes, reader.contentStart, reader.contentEnd)
    return
  }
  reader.enter(tag)
  const starts: number[] = []
  while (!reader.done) {
    starts.push(reader.offset)
    checkElement(reader)
  }
  if (tag === Tag.set && !isAscending(reader.bytes, [...starts, reader.offset])) {
    throw new DerError('DER_SET_NOT_SORTED', { offset: starts[0] ?? reader.offset, expected: 'ascending elements' })
  }
  reader.leave()
}

function checkContent(tag: number, bytes: Uint8Array, start: number, end: number): void {
  if (tag === Tag.boolean) checkBoolean(bytes, start, end)
  else if (tag === Tag.null) checkNull(start, end)
  else if (tag === Tag.integer || tag === Tag.enumerated) checkInteger(bytes, start, end)
  else if (tag === Tag.bitString) unusedBitsOf(bytes, start, end)
  else if (tag === Tag.oid) checkOid(bytes, start, end)
  else if (tag === Tag.utcTime || tag === Tag.generalizedTime) checkTime(tag, bytes, start, end)
  else if (isStringTag(tag)) checkString(tag, bytes, start, end)
}

/** Whether the elements between these offsets ascend by encoding, or strictly by class and tag number. */
function isAscending(bytes: Uint8Array, offsets: readonly number[]): boolean {
  let byEncoding = true
  let byTag = true
  for (let index = 1; index < offsets.length - 1; index++) {
    const [one, other, end] = offsets.slice(index - 1, index + 2) as [number, number, number]
    byEncoding &&= !isBefore(bytes, other, end, one)
    byTag &&= ((bytes[one] as number) & 0xdf) < ((bytes[other] as number) & 0xdf)
  }
  return byEncoding || byTag
}
