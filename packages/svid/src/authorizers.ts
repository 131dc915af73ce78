import {
  type IdMatcher,
  matchId,
  type SpiffeId,
  SpiffeIdError,
  type SpiffeIdErrorCode,
  type TrustDomain,
} from '@meshid/spiffe-id'
import { createAuthorizer, type SyncAuthorizer } from './authorizer.ts'
import type { SvidErrorCode } from './errors.ts'
import { refusalOf } from './refuse-svid.ts'

const codes: Partial<Record<SpiffeIdErrorCode, SvidErrorCode>> = {
  SPIFFE_ID_MISMATCH: 'SVID_ID_MISMATCH',
  SPIFFE_ID_NOT_ONE_OF: 'SVID_ID_NOT_LISTED',
  SPIFFE_ID_NOT_A_MEMBER: 'SVID_NOT_A_MEMBER',
  SPIFFE_ID_PATTERN_MISMATCH: 'SVID_PATH_MISMATCH',
}

/** Accepts this workload only. Refuses with SVID_ID_MISMATCH. */
export function authorizeId(id: SpiffeId): SyncAuthorizer {
  return fromMatcher(id.toString(), matchId.exact(id))
}

/** Accepts any of these workloads; an empty list accepts nobody. Refuses with SVID_ID_NOT_LISTED. */
export function authorizeOneOf(ids: Iterable<SpiffeId>): SyncAuthorizer {
  const listed = [...ids]
  return fromMatcher(`one of ${listed.length} workloads`, matchId.oneOf(listed))
}

/** Accepts every workload of a trust domain. Refuses with SVID_NOT_A_MEMBER. */
export function authorizeMemberOf(trustDomain: TrustDomain): SyncAuthorizer {
  return fromMatcher(`a member of ${trustDomain.name}`, matchId.memberOf(trustDomain))
}

/**
 * Accepts workloads of a trust domain whose path fits, segment by segment: `*` is one whole segment, a last `**` one or
 * more, anything else itself, so that `/ns/a/**` never accepts `/ns/ab`. Refuses with SVID_NOT_A_MEMBER or SVID_PATH_MISMATCH.
 *
 * @throws SpiffeIdError SPIFFE_ID_PATTERN_INVALID
 */
export function authorizePath(trustDomain: TrustDomain, pattern: string): SyncAuthorizer {
  return fromMatcher(trustDomain.id.toString() + pattern, matchId.pathPattern(trustDomain, pattern))
}

/** Accepts every workload of every trust domain that there is a bundle for; written out, because it must be meant (X509-37). */
export function authorizeAny(): SyncAuthorizer {
  return createAuthorizer('any workload', (): undefined => undefined)
}

function fromMatcher(expected: string, matches: IdMatcher): SyncAuthorizer {
  return createAuthorizer(expected, (svid): undefined => {
    try {
      matches(svid.spiffeId)
    } catch (cause) {
      if (!(cause instanceof SpiffeIdError)) throw cause
      const code = codes[cause.code] ?? 'SVID_NOT_AUTHORIZED'
      throw refusalOf(code, svid, { expected: cause.detail.expected ?? expected, cause })
    }
  })
}
