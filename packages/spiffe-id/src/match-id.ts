import { SpiffeIdError, type SpiffeIdErrorCode } from './errors.ts'
import type { SpiffeId, TrustDomain } from './spiffe-id.ts'

/** A rule about whom to accept: returns nothing when the ID fits, throws a SpiffeIdError when it does not. */
export type IdMatcher = (id: SpiffeId) => void

/** How many expected IDs a refusal of `oneOf` lists. */
const LISTED = 5

const refuse = (code: SpiffeIdErrorCode, expected: string, found: string): SpiffeIdError =>
  new SpiffeIdError(code, `expected ${expected}, found ${found}`, { detail: { expected, found } })

const refusePattern = (why: string): SpiffeIdError => {
  const expected = 'a path pattern such as /ns/*/sa/web or /ns/prod/**'
  return new SpiffeIdError('SPIFFE_ID_PATTERN_INVALID', `expected ${expected}, found one ${why}`, {
    detail: { expected, found: why },
  })
}

const exact =
  (expected: SpiffeId): IdMatcher =>
  (id) => {
    if (!expected.equals(id)) throw refuse('SPIFFE_ID_MISMATCH', expected.toString(), id.toString())
  }

const oneOf = (ids: Iterable<SpiffeId>): IdMatcher => {
  const expected = [...ids]
  const texts = new Set(expected.map((id) => id.toString()))
  const listed = expected.slice(0, LISTED).join(', ')
  const more = expected.length > LISTED ? ` and ${expected.length - LISTED} more` : ''
  return (id) => {
    if (!texts.has(id.toString())) throw refuse('SPIFFE_ID_NOT_ONE_OF', `one of [${listed}${more}]`, id.toString())
  }
}

const memberOf =
  (trustDomain: TrustDomain): IdMatcher =>
  (id) => {
    if (!trustDomain.equals(id.trustDomain)) {
      throw refuse('SPIFFE_ID_NOT_A_MEMBER', `a member of ${trustDomain.name}`, id.toString())
    }
  }

const parsePattern = (pattern: string): readonly string[] => {
  if (pattern === '') return []
  if (!pattern.startsWith('/')) throw refusePattern('that does not begin with "/"')
  const parts = pattern.slice(1).split('/')
  for (const [index, part] of parts.entries()) {
    if (part === '**' && index < parts.length - 1) throw refusePattern('with "**" before its end')
    if (part === '.' || part === '..') throw refusePattern('with a "." or ".." segment')
    if (!/^(\*\*?|[a-zA-Z0-9._-]+)$/.test(part)) {
      throw refusePattern(`whose segment ${index} is neither "*" nor a literal segment`)
    }
  }
  return parts
}

const pathPattern = (trustDomain: TrustDomain, pattern: string): IdMatcher => {
  const parts = parsePattern(pattern)
  const open = parts.at(-1) === '**'
  const isMember = memberOf(trustDomain)
  return (id) => {
    isMember(id)
    const { segments } = id
    const enough = open ? segments.length >= parts.length : segments.length === parts.length
    if (!enough || !parts.every((part, at) => part === '*' || part === '**' || part === segments[at])) {
      throw refuse('SPIFFE_ID_PATTERN_MISMATCH', `${trustDomain.id.toString()}${pattern}`, id.toString())
    }
  }
}

/**
 * The rules by which a SPIFFE ID can be accepted. All compare valid IDs byte for byte; whether the ID is proven is not
 * checked here.
 *
 * - `exact(id)`: this ID only; refuses with SPIFFE_ID_MISMATCH.
 * - `oneOf(ids)`: any of these; an empty list accepts nothing; refuses with SPIFFE_ID_NOT_ONE_OF.
 * - `memberOf(trustDomain)`: any ID of the trust domain, its own included; refuses with SPIFFE_ID_NOT_A_MEMBER.
 * - `pathPattern(trustDomain, pattern)`: IDs of the trust domain whose path fits, segment by segment: `*` is exactly one
 *   whole segment, a last `**` is one or more, anything else is itself; there is no match of a part of a segment. Refuses
 *   with SPIFFE_ID_NOT_A_MEMBER and SPIFFE_ID_PATTERN_MISMATCH; a malformed pattern with SPIFFE_ID_PATTERN_INVALID.
 *
 * @see rules ID-18, ID-19, ID-30
 * @example
 * const onlyWeb = matchId.pathPattern(parseTrustDomain('example.org'), '/ns/*' + '/sa/web')
 */
export const matchId: {
  readonly exact: (id: SpiffeId) => IdMatcher
  readonly oneOf: (ids: Iterable<SpiffeId>) => IdMatcher
  readonly memberOf: (trustDomain: TrustDomain) => IdMatcher
  readonly pathPattern: (trustDomain: TrustDomain, pattern: string) => IdMatcher
} = Object.freeze({ exact, oneOf, memberOf, pathPattern })

/** Says whether a matcher accepts an ID; errors that are no refusal of this package pass through. */
export const isMatch = (matcher: IdMatcher, id: SpiffeId): boolean => {
  try {
    matcher(id)
    return true
  } catch (error) {
    if (error instanceof SpiffeIdError) return false
    throw error
  }
}
