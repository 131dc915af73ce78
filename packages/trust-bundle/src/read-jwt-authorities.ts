import { refusal, TrustBundleError } from './errors.ts'
import { decodeBase64 } from './base64.ts'
import { describeJson, type JsonObject } from './json-value.ts'
import { publicKeyOfJwk } from './jwk.ts'
import { createJwtAuthority, type JwtAuthority } from './jwt-authority.ts'
import type { IgnoredObserver } from './ignored-member.ts'

/** Octets of a coordinate of P-521, which tokens may use and certificates here may not. */
const P521_OCTETS = 66

/** What makes two keys the same (RFC 7638 section 3.2). */
const keyMembers = ['kty', 'crv', 'x', 'y', 'n', 'e'] as const

interface Candidate {
  readonly at: string
  readonly jwk: JsonObject
  readonly keyId: string
}

/**
 * Reads the `jwt-svid` entries: each has a `kid` and a well-formed key; equal ones collapse, and where two different keys
 * have one `kid` both are left out.
 *
 * @see SPIFFE JWT-SVID section 6.2; rules JWT-21, JWT-22 and BUNDLE-17
 */
export function readJwtAuthorities(
  jwks: readonly (readonly [at: string, jwk: JsonObject])[],
  onIgnored: IgnoredObserver,
): readonly JwtAuthority[] {
  const byKeyId = new Map<string, Candidate[]>()
  for (const [at, jwk] of jwks) {
    try {
      const keyId = checkJwk(jwk)
      byKeyId.set(keyId, [...(byKeyId.get(keyId) ?? []), { at, jwk, keyId }])
    } catch (error) {
      if (!(error instanceof TrustBundleError)) throw error
      onIgnored({ at, error })
    }
  }
  return [...byKeyId.values()].flatMap((candidates) => settle(candidates, onIgnored))
}

function checkJwk(jwk: JsonObject): string {
  const keyId = jwk.members.get('kid')
  if (typeof keyId !== 'string' || keyId === '') {
    throw refusal('TRUST_BUNDLE_KEY_ID_MISSING', 'kid', 'a name', describeJson(keyId))
  }
  if (jwk.members.get('crv') === 'P-521' && jwk.members.get('kty') === 'EC') checkP521(jwk)
  else publicKeyOfJwk(jwk)
  return keyId
}

function checkP521(jwk: JsonObject): void {
  for (const name of ['x', 'y']) {
    const value = jwk.members.get(name)
    if (typeof value === 'string' && decodeBase64(value, 'base64url')?.length === P521_OCTETS) continue
    throw refusal('TRUST_BUNDLE_KEY_INVALID', name, `${P521_OCTETS} octets in base64url`, describeJson(value))
  }
}

function settle(candidates: readonly Candidate[], onIgnored: IgnoredObserver): readonly JwtAuthority[] {
  const [first] = candidates as readonly [Candidate]
  if (
    candidates.every(({ jwk }) => keyMembers.every((name) => jwk.members.get(name) === first.jwk.members.get(name)))
  ) {
    return [createJwtAuthority(first.keyId, first.jwk)]
  }
  for (const { at, keyId } of candidates) {
    onIgnored({
      at,
      error: refusal('TRUST_BUNDLE_KEY_ID_CONFLICT', 'kid', 'one key', `several named ${describeJson(keyId)}`),
    })
  }
  return []
}
