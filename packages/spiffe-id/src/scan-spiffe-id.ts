import { describeAt, sharedLength, SpiffeIdError, type SpiffeIdErrorCode } from './errors.ts'

/** The longest SPIFFE ID in bytes, scheme included (SPIFFE-ID section 2.3: support up to it, do not generate more). */
export const MAX_SPIFFE_ID_BYTES = 2048
/** The longest trust domain name in bytes (SPIFFE-ID section 2.3, after RFC 3986 section 3.2.2). */
export const MAX_TRUST_DOMAIN_BYTES = 255
/** What every SPIFFE ID begins with (SPIFFE-ID section 2). */
export const SPIFFE_SCHEME = 'spiffe://'

const TRUST_DOMAIN = 1
const PATH = 2
const SLASH = 0x2f
const DOT = 0x2e

/** Which of the 128 ASCII bytes may stand where; every other code unit may stand nowhere (ID-9, ID-16, ID-21). */
const allowed: Uint8Array = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code)
  if (/[a-z0-9._-]/.test(character)) return TRUST_DOMAIN | PATH
  return /[A-Z]/.test(character) ? PATH : 0
})

const isAllowed = (code: number, where: number): boolean => code < 128 && ((allowed[code] ?? 0) & where) !== 0

/** Says where the trust domain that starts at `start` ends: at the first byte that cannot be part of it. */
export const endOfTrustDomain = (text: string, start: number): number => {
  let at = start
  while (at < text.length && isAllowed(text.charCodeAt(at), TRUST_DOMAIN)) at += 1
  return at
}

/** Says where the path that starts at `start` breaks a rule, or -1. */
const offenceInPath = (text: string, start: number): number => {
  let segment = start + 1
  let dots = true
  for (let at = segment; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === SLASH) {
      if (at === segment || (dots && at - segment < 3)) return segment
      segment = at + 1
      dots = true
    } else if (!isAllowed(code, PATH)) return at
    else if (code !== DOT) dots = false
  }
  if (segment === text.length) return segment - 1
  return dots && text.length - segment < 3 ? segment : -1
}

/** The whole grammar in one line; no flags, so it compares code units and folds nothing (ID-21). */
const GRAMMAR = /^spiffe:\/\/[a-z0-9._-]+(?:\/(?!\.{1,2}(?:\/|$))[a-zA-Z0-9._-]+)*$/

/**
 * Up to this length no part can be over its limit, so the grammar alone accepts. Reading each code unit in JavaScript
 * costs more than T11 allows for the whole scan; a regular expression without flags does the same natively.
 */
const MAX_QUICK_LENGTH = SPIFFE_SCHEME.length + MAX_TRUST_DOMAIN_BYTES

/** Says at native speed that a text of ordinary length is a SPIFFE ID; `false` only means "ask {@link scanSpiffeId}". */
export const isPlainSpiffeId = (text: string): boolean => text.length <= MAX_QUICK_LENGTH && GRAMMAR.test(text)

/**
 * Scans a SPIFFE ID once, code unit by code unit, without decoding, folding or copying anything.
 *
 * @returns the offset at which the trust domain ends and the path begins, or the bitwise complement of the first
 * offence's offset (so a negative number means refused).
 */
export const scanSpiffeId = (text: string, maxLength: number): number => {
  if (text.length > maxLength) return ~maxLength
  if (!text.startsWith(SPIFFE_SCHEME)) return ~0
  const start = SPIFFE_SCHEME.length
  const end = endOfTrustDomain(text, start)
  if (end === start) return ~start
  if (end - start > MAX_TRUST_DOMAIN_BYTES) return ~(start + MAX_TRUST_DOMAIN_BYTES)
  if (end === text.length) return end
  if (text.charCodeAt(end) !== SLASH) return ~end
  const offence = offenceInPath(text, end)
  return offence < 0 ? end : ~offence
}

/**
 * Says whether a text is a SPIFFE ID that parseSpiffeId would accept with its default limit; gains no trust.
 *
 * @see SPIFFE-ID section 2; rules ID-1 to ID-26
 */
export const isSpiffeId = (text: string): boolean =>
  typeof text === 'string' && (isPlainSpiffeId(text) || scanSpiffeId(text, MAX_SPIFFE_ID_BYTES) >= 0)

const refusal = (code: SpiffeIdErrorCode, text: string, offset: number, expected: string): SpiffeIdError => {
  const found = describeAt(text, offset)
  return new SpiffeIdError(code, `expected ${expected} at offset ${offset}, found ${found}`, {
    detail: { expected, found, offset },
  })
}

/** Names the offence of a text that is over a length limit. */
export const refuseLength = (code: SpiffeIdErrorCode, length: number, limit: number): SpiffeIdError =>
  new SpiffeIdError(code, `expected at most ${limit} bytes, found ${length}`, {
    detail: { expected: `at most ${limit} bytes`, found: `${length}`, offset: limit, limit },
  })

const refuseAnywhere = (text: string, offset: number): SpiffeIdError | undefined => {
  const character = text.charAt(offset)
  if (character === '%') return refusal('SPIFFE_ID_PERCENT_ENCODING', text, offset, 'no percent-encoding')
  if (character === '?') return refusal('SPIFFE_ID_QUERY', text, offset, 'no query')
  if (character === '#') return refusal('SPIFFE_ID_FRAGMENT', text, offset, 'no fragment')
  return undefined
}

/** Names the offence at `offset` in the trust domain that starts at `start`. */
export const refuseTrustDomain = (text: string, start: number, offset: number): SpiffeIdError => {
  if (offset - start === MAX_TRUST_DOMAIN_BYTES && isAllowed(text.charCodeAt(offset), TRUST_DOMAIN)) {
    const length = endOfTrustDomain(text, start) - start
    return refuseLength('SPIFFE_ID_TRUST_DOMAIN_TOO_LONG', length, MAX_TRUST_DOMAIN_BYTES)
  }
  const character = text.charAt(offset)
  const rest = text.slice(offset).split('/', 1).join()
  const expected = 'a trust domain of a-z, 0-9, ".", "-", "_"'
  if (offset === start && /^[/?#]?$/.test(character)) {
    return refusal('SPIFFE_ID_TRUST_DOMAIN_EMPTY', text, offset, expected)
  }
  if (character === '@' || (character === ':' && rest.includes('@'))) {
    return refusal('SPIFFE_ID_USERINFO', text, offset, 'no user information')
  }
  if (character === ':') return refusal('SPIFFE_ID_PORT', text, offset, 'no port')
  const code = /[A-Z]/.test(character) ? 'SPIFFE_ID_TRUST_DOMAIN_UPPERCASE' : 'SPIFFE_ID_TRUST_DOMAIN_CHARACTER'
  return refuseAnywhere(text, offset) ?? refusal(code, text, offset, expected)
}

const refusePath = (text: string, offset: number): SpiffeIdError => {
  const character = text.charAt(offset)
  if (character === '/') {
    return offset === text.length - 1 && text.charAt(offset - 1) !== '/'
      ? refusal('SPIFFE_ID_TRAILING_SLASH', text, offset, 'no "/" at the end')
      : refusal('SPIFFE_ID_EMPTY_SEGMENT', text, offset, 'a path segment')
  }
  if (character === '.') return refusal('SPIFFE_ID_DOT_SEGMENT', text, offset, 'no "." or ".." segment')
  const expected = 'a path segment of a-z, A-Z, 0-9, ".", "-", "_"'
  return refuseAnywhere(text, offset) ?? refusal('SPIFFE_ID_PATH_CHARACTER', text, offset, expected)
}

/** Names the offence that {@link scanSpiffeId} found at `offset`. */
export const refuseSpiffeId = (text: string, offset: number, maxLength: number): SpiffeIdError => {
  if (text.length > maxLength) return refuseLength('SPIFFE_ID_TOO_LONG', text.length, maxLength)
  const start = SPIFFE_SCHEME.length
  if (offset === 0) {
    const upper = /^spiffe:\/\//i.test(text)
    const at = upper ? text.search(/[A-Z]/) : sharedLength(text, SPIFFE_SCHEME)
    const code = upper ? 'SPIFFE_ID_SCHEME_UPPERCASE' : 'SPIFFE_ID_SCHEME_INVALID'
    return refusal(code, text, at, `"${SPIFFE_SCHEME}"`)
  }
  const path = text.indexOf('/', start)
  return path > start && path <= offset ? refusePath(text, offset) : refuseTrustDomain(text, start, offset)
}
