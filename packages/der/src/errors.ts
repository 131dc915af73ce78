/** Every code of a {@link DerError}, with what it means and what to do next. */
export const derErrorCodes = {
  DER_TOO_LARGE: 'The input is longer than the limit; refuse it, or raise `maxBytes` if you trust where it comes from.',
  DER_TOO_DEEP: 'Elements are nested deeper than the limit; refuse the input, no X.509 structure is this deep.',
  DER_TRUNCATED:
    'An element says that it is longer than what holds it; the input was cut short or its length was changed.',
  DER_TRAILING_BYTES: 'Bytes follow the last expected element; send exactly one structure and nothing after it.',
  DER_TAG_MISMATCH: 'Another type of element was expected here; the input is not the structure that it claims to be.',
  DER_TAG_INVALID:
    'The tag is reserved, in high-tag-number form, or primitive where it must be constructed or the reverse.',
  DER_LENGTH_INDEFINITE: 'The length is indefinite, which is BER; encode the structure as DER.',
  DER_LENGTH_NOT_MINIMAL: 'The length takes more octets than it needs, which is BER; encode the structure as DER.',
  DER_BOOLEAN_INVALID: 'A BOOLEAN is not exactly 00 or FF; encode the structure as DER.',
  DER_DEFAULT_ENCODED: 'A value that equals its DEFAULT is written out; DER leaves it away.',
  DER_INTEGER_INVALID: 'An INTEGER is empty or has superfluous leading octets; encode the structure as DER.',
  DER_INTEGER_RANGE: 'An INTEGER is outside the range that this place allows.',
  DER_NULL_INVALID: 'A NULL has content; encode the structure as DER.',
  DER_BIT_STRING_INVALID: 'A BIT STRING has a wrong count of unused bits, or unused bits that are not zero.',
  DER_OID_INVALID: 'An OBJECT IDENTIFIER is empty, cut short, too long, or has an arc with leading padding.',
  DER_STRING_INVALID: 'A string holds a character that its type does not allow, or is not valid UTF-8.',
  DER_TIME_INVALID: 'A time is not in the one form X.509 allows (UTC, seconds, no fractions, a real calendar date).',
  DER_TIME_WRONG_TYPE: 'A year before 2050 must be a UTCTime and a later one a GeneralizedTime (RFC 5280).',
  DER_SET_NOT_SORTED: 'The elements of a SET are not in ascending order; encode the structure as DER.',
  DER_PEM_TOO_LARGE: 'The PEM text is longer, or has more blocks, than the limit; refuse it or raise the limit.',
  DER_PEM_BOUNDARY_INVALID:
    'A BEGIN or END line is misspelt or shares its line with something else; correct that line.',
  DER_PEM_UNTERMINATED: 'A block has no END line; the text was cut short.',
  DER_PEM_LABEL_MISMATCH: 'The END line does not name the block that was begun; blocks were mixed up.',
  DER_PEM_UNEXPECTED_END: 'An END line stands outside a block; the beginning of the block is missing.',
  DER_PEM_HEADERS: 'The block has RFC 1421 headers (an old encrypted key, for example); convert it to PKCS#8.',
  DER_PEM_BASE64_INVALID: 'A line of a block is not strict base64; the text was damaged on its way.',
  DER_PEM_EMPTY: 'A block has no content.',
} as const

/** A stable code of a {@link DerError}. */
export type DerErrorCode = keyof typeof derErrorCodes

/** What a {@link DerError} tells beside its code; never the bytes that were read. */
export interface DerErrorDetail {
  /** Offset of the offending byte in the array that was read. */
  readonly offset?: number
  /** Line of the offence in a PEM text, counted from 1. */
  readonly line?: number
  readonly expected?: string
  readonly found?: string
  readonly limit?: number
}

/** Says why bytes are not strict DER, or text not strict PEM. */
export class DerError extends Error {
  override readonly name = 'DerError'
  readonly code: DerErrorCode
  readonly detail: DerErrorDetail

  constructor(code: DerErrorCode, detail: DerErrorDetail = {}, options?: ErrorOptions) {
    super(messageOf(code, detail), options)
    this.code = code
    this.detail = Object.freeze({ ...detail })
  }
}

function messageOf(code: DerErrorCode, { offset, line, expected, found, limit }: DerErrorDetail): string {
  const parts: string[] = []
  if (expected !== undefined) parts.push(`expected ${expected}`)
  if (found !== undefined) parts.push(`found ${found}`)
  if (limit !== undefined) parts.push(`limit ${limit}`)
  const what = parts.length > 0 ? `: ${parts.join(', ')}` : ''
  const where = line !== undefined ? ` (line ${line})` : offset !== undefined ? ` (offset ${offset})` : ''
  return `${code}${what}${where}`
}
