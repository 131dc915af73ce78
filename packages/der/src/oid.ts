import { encodeElement } from './element.ts'
import { DerError } from './errors.ts'
import { Tag } from './tag.ts'

/** Most content octets of an OBJECT IDENTIFIER; the longest in use (UUID arcs) take about 20. */
export const MAX_OID_BYTES = 128

/** Throws unless the content octets are whole arcs without leading padding (X.690 8.19.2). */
export function checkOid(bytes: Uint8Array, start: number, end: number): void {
  const length = end - start
  if (length === 0 || length > MAX_OID_BYTES) failOid(start, `${length} octets`)
  let arcStart = true
  for (let at = start; at < end; at++) {
    const octet = bytes[at] as number
    if (arcStart && octet === 0x80) failOid(at, 'an arc with leading padding')
    arcStart = octet < 0x80
  }
  if (!arcStart) failOid(end, 'an arc that does not end')
}

function failOid(offset: number, found: string): never {
  throw new DerError('DER_OID_INVALID', { offset, expected: `1 to ${MAX_OID_BYTES} octets of whole arcs`, found })
}

/** The dotted form of content octets. */
export function decodeOid(bytes: Uint8Array, start: number, end: number): string {
  checkOid(bytes, start, end)
  let text = ''
  let arc = 0
  let big = 0n
  for (let at = start; at < end; at++) {
    const octet = bytes[at] as number
    // Below 2^46 a number is exact after one more shift by seven; above it (UUID arcs) we count in bigint.
    if (big > 0n || arc >= 2 ** 46) big = ((big > 0n ? big : BigInt(arc)) << 7n) | BigInt(octet & 0x7f)
    else arc = arc * 128 + (octet & 0x7f)
    if (octet >= 0x80) continue
    text += text === '' ? firstArcs(big > 0n ? big : arc) : `.${big > 0n ? big : arc}`
    arc = 0
    big = 0n
  }
  return text
}

function firstArcs(value: bigint | number): string {
  if (value < 40) return `0.${value}`
  if (value < 80) return `1.${Number(value) - 40}`
  return `2.${BigInt(value) - 80n}`
}

/**
 * Encodes an OBJECT IDENTIFIER from its dotted form.
 *
 * @throws RangeError when the text is not a dotted identifier that fits {@link MAX_OID_BYTES}
 * @see X.690 section 8.19
 */
export function encodeOid(dotted: string): Uint8Array {
  if (!/^[0-2](\.(0|[1-9]\d*))+$/.test(dotted)) throw oidRangeError(dotted)
  const [first = 0n, second = 0n, ...rest] = dotted.split('.').map(BigInt)
  if (first < 2n && second > 39n) throw oidRangeError(dotted)
  const octets = [first * 40n + second, ...rest].flatMap(encodeArc)
  if (octets.length > MAX_OID_BYTES) throw oidRangeError(dotted)
  return encodeElement(Tag.oid, Uint8Array.from(octets))
}

function oidRangeError(dotted: string): RangeError {
  return new RangeError(`object identifier: expected arcs such as 1.2.840.10045.2.1, found ${JSON.stringify(dotted)}`)
}

function encodeArc(arc: bigint): number[] {
  const octets = [Number(arc & 0x7fn)]
  for (let rest = arc >> 7n; rest > 0n; rest >>= 7n) octets.unshift(Number(rest & 0x7fn) | 0x80)
  return octets
}
