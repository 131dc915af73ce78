import type { Certificate, VerifiedChain } from '@meshid/certificate'
import type { SpiffeId } from '@meshid/spiffe-id'
import { anyOf, authorizeId, authorizeSvidSync, verifyAndAuthorize, verifySvid } from '@meshid/svid'
import type { Authorizer, SyncAuthorizer, VerifiedSvid } from '@meshid/svid'
import type { TrustBundle, TrustBundleSet } from '@meshid/trust-bundle'
import { matchId } from '@meshid/spiffe-id'
import { nobleVerifier } from '@meshid/keys'
import { expectTypeOf, test } from 'vitest'

declare const svid: VerifiedSvid
declare const verifiedChain: VerifiedChain
declare const certificate: Certificate
declare const spiffeId: SpiffeId
declare const bundle: TrustBundle
declare const bundles: TrustBundleSet
const now = new Date(0)

test('only verifySvid makes what authorizers accept', () => {
  expectTypeOf<{ readonly [Key in keyof VerifiedSvid]: VerifiedSvid[Key] }>().not.toExtend<VerifiedSvid>()
  expectTypeOf(verifiedChain).not.toExtend<VerifiedSvid>()
  const authorizer = authorizeId(spiffeId)
  // @ts-expect-error an ID is a claim
  authorizer(spiffeId)
  // @ts-expect-error a certificate is not verified
  authorizer(certificate)
  // @ts-expect-error nor is an ID that is a string
  authorizeId('spiffe://td.test/web')
})

test('an authorizer returns nothing: a predicate would refuse nobody', () => {
  expectTypeOf<(svid: VerifiedSvid) => boolean>().not.toExtend<Authorizer>()
  expectTypeOf<(svid: VerifiedSvid) => Promise<boolean>>().not.toExtend<Authorizer>()
  expectTypeOf<(svid: VerifiedSvid) => Promise<void>>().toExtend<Authorizer>()
  expectTypeOf<(svid: VerifiedSvid) => Promise<void>>().not.toExtend<SyncAuthorizer>()
  expectTypeOf<SyncAuthorizer>().toExtend<Authorizer>()
  // @ts-expect-error a matcher judges IDs, not verified SVIDs
  authorizeSvidSync(svid, matchId.exact(spiffeId))
})

test('combinations of rules that decide at once decide at once', () => {
  expectTypeOf(anyOf(authorizeId(spiffeId))).toEqualTypeOf<SyncAuthorizer>()
  expectTypeOf(anyOf(authorizeId(spiffeId), () => Promise.resolve())).toEqualTypeOf<Authorizer>()
})

test('time, purpose, bundles, verifier and authorizer must be given', () => {
  const options = { verifier: nobleVerifier }
  const input = { chain: [certificate], bundles, now, purpose: 'client' } as const
  expectTypeOf(verifySvid(input, options)).toEqualTypeOf<VerifiedSvid>()
  // @ts-expect-error there is no default clock
  verifySvid({ chain: [certificate], bundles, purpose: 'client' }, options)
  // @ts-expect-error there is no default purpose
  verifySvid({ chain: [certificate], bundles, now }, options)
  // @ts-expect-error one bundle is not a set: whose it is must be found by the ID
  verifySvid({ chain: [certificate], bundles: bundle, now, purpose: 'client' }, options)
  // @ts-expect-error nobody's cryptography is the default
  verifySvid(input)
  // @ts-expect-error there is no default authorizer
  void verifyAndAuthorize(input)
})
