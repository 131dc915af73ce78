import { describeAt, SpiffeIdError, type SpiffeIdErrorCode } from './errors.ts'
import { SPIFFE_SCHEME } from './scan-spiffe-id.ts'
import { checkString, parseSpiffeId, type SpiffeId, type TrustDomain } from './spiffe-id.ts'

const refuse = (code: SpiffeIdErrorCode, value: string, place: { index: number; offset: number }): SpiffeIdError => {
  const expected = 'one path segment of a-z, A-Z, 0-9, ".", "-", "_"'
  const found = describeAt(value, place.offset)
  const message = `expected value ${place.index} to be ${expected}, found ${found} at its offset ${place.offset}`
  return new SpiffeIdError(code, message, { detail: { expected, found, ...place } })
}

/** One segment, at native speed; whatever it does not accept is looked at closely, to say why. */
const SEGMENT = /^(?!\.{1,2}$)[a-zA-Z0-9._-]+$/

const checkSegment = (value: string, index: number): void => {
  if (typeof value === 'string' && SEGMENT.test(value)) return
  checkString(value, `value ${index} of a path`)
  if (value === '') throw refuse('SPIFFE_ID_EMPTY_SEGMENT', value, { index, offset: 0 })
  const offset = value.search(/[^a-zA-Z0-9._-]/)
  if (offset >= 0) {
    const character = value.charAt(offset)
    if (character === '/') throw refuse('SPIFFE_ID_SEGMENT_SEPARATOR', value, { index, offset })
    if (character === '%') throw refuse('SPIFFE_ID_PERCENT_ENCODING', value, { index, offset })
    throw refuse('SPIFFE_ID_PATH_CHARACTER', value, { index, offset })
  }
  if (value === '.' || value === '..') throw refuse('SPIFFE_ID_DOT_SEGMENT', value, { index, offset: 0 })
}

/**
 * Builds a SPIFFE ID from a trust domain and the segments of its path; without segments, the ID of the trust domain.
 *
 * Joining never inserts, drops or collapses a "/", so a value can never become two segments or none.
 *
 * @throws {SpiffeIdError} SPIFFE_ID_EMPTY_SEGMENT, SPIFFE_ID_DOT_SEGMENT, SPIFFE_ID_SEGMENT_SEPARATOR,
 * SPIFFE_ID_PERCENT_ENCODING, SPIFFE_ID_PATH_CHARACTER, SPIFFE_ID_TOO_LONG (over 2048 bytes)
 * @see rules ID-24, ID-27
 */
export const spiffeIdFromSegments = (trustDomain: TrustDomain, ...segments: readonly string[]): SpiffeId => {
  let text = SPIFFE_SCHEME + trustDomain.name
  for (const [index, segment] of segments.entries()) {
    checkSegment(segment, index)
    text += `/${segment}`
  }
  return parseSpiffeId(text)
}

/**
 * Gives a template tag that builds a SPIFFE ID under a trust domain; each interpolated value is exactly one segment.
 *
 * Values cannot be injected: one that has a "/" in it, is "..", or is empty is refused before it is used, and the whole
 * is parsed again afterwards.
 *
 * @throws {SpiffeIdError} from the tag: the codes of spiffeIdFromSegments for values, and of parseSpiffeId for the whole
 * @throws {TypeError} from the tag, when the template does not begin with "/", or a value is no string or does not stand
 * between slashes
 * @see rules ID-24, ID-28
 * @example
 * const id = spiffeId(parseTrustDomain('example.org'))`/ns/${namespace}/sa/${name}`
 */
export const spiffeId =
  (trustDomain: TrustDomain) =>
  (template: TemplateStringsArray, ...values: readonly string[]): SpiffeId => {
    const head = template.raw[0] ?? ''
    if (head !== '' && !head.startsWith('/')) {
      throw new TypeError('the template does not begin with "/"; without it, it would change the trust domain')
    }
    let text = SPIFFE_SCHEME + trustDomain.name + head
    for (const [index, value] of values.entries()) {
      const after = template.raw[index + 1] ?? ''
      const last = index === values.length - 1
      if (!text.endsWith('/') || !(after.startsWith('/') || (last && after === ''))) {
        throw new TypeError(`value ${index} of the template is not a whole path segment; write it between slashes`)
      }
      checkSegment(value, index)
      text += value + after
    }
    return parseSpiffeId(text)
  }
