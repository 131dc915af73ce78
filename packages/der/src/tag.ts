/**
 * Identifier octets of the universal types, as they stand in DER: strings primitive, SEQUENCE and SET constructed.
 *
 * @see X.690 section 8.1.2
 */
export const Tag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  numericString: 0x12,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  visibleString: 0x1a,
  universalString: 0x1c,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const

/** Highest tag number of the one-octet form; anything above is refused (X.690 8.1.2.2). */
export const MAX_TAG_NUMBER = 30

/** Options of {@link contextTag}. */
export interface ContextTagOptions {
  /** True for an EXPLICIT tag, or an IMPLICIT one over a SEQUENCE or SET. */
  readonly constructed?: boolean
}

/**
 * The identifier octet of a context-specific tag `[number]`.
 *
 * @throws RangeError when the number is not a whole number from 0 to {@link MAX_TAG_NUMBER}
 */
export function contextTag(number: number, { constructed = false }: ContextTagOptions = {}): number {
  if (!Number.isInteger(number) || number < 0 || number > MAX_TAG_NUMBER) {
    throw new RangeError(`context tag number: expected 0 to ${MAX_TAG_NUMBER}, found ${number}`)
  }
  return 0x80 | (constructed ? 0x20 : 0) | number
}

/** Universal tag numbers that are always constructed: EXTERNAL, EMBEDDED PDV, SEQUENCE, SET, CHARACTER STRING. */
const alwaysConstructed: readonly number[] = [8, 11, 16, 17, 29]

/** Whether an identifier octet may stand in DER: not reserved, low-tag form, and in its type's only form. */
export function isStrictTag(tag: number): boolean {
  const number = tag & 0x1f
  if (number === 0x1f) return false
  if (tag >= 0x40) return true
  return number !== 0 && number !== 15 && ((tag & 0x20) !== 0) === alwaysConstructed.includes(number)
}

/** An identifier octet for an error message: `SEQUENCE (0x30)`, `[0] (0xa0)`. */
export function describeTag(tag: number): string {
  if (tag < 0) return 'the end'
  const hex = `0x${tag.toString(16).padStart(2, '0')}`
  if (tag >= 0xc0) return `private tag ${tag & 0x1f} (${hex})`
  if (tag >= 0x80) return `[${tag & 0x1f}] (${hex})`
  if (tag >= 0x40) return `application tag ${tag & 0x1f} (${hex})`
  const name = Object.entries(Tag).find(([, value]) => value === tag)?.[0]
  return name === undefined ? `tag ${hex}` : `${name} (${hex})`
}
