import type { Certificate } from '@meshid/certificate'
import { createTrustBundle, createTrustBundleSet, parseTrustBundle, pruneExpired } from '@meshid/trust-bundle'
import type { JwtAuthority, TrustBundle, TrustBundleSet } from '@meshid/trust-bundle'
import type { TrustDomain } from '@meshid/spiffe-id'
import { expectTypeOf, test } from 'vitest'

declare const bundle: TrustBundle
declare const certificate: Certificate
declare const trustDomain: TrustDomain

test('a record that looks like a bundle is not one', () => {
  expectTypeOf<{ readonly [Key in keyof TrustBundle]: TrustBundle[Key] }>().not.toExtend<TrustBundle>()
  expectTypeOf({ keyId: 'a', json: '{}' }).not.toExtend<JwtAuthority>()
  expectTypeOf(new Map([['td.test', bundle]])).not.toExtend<TrustBundleSet>()
})

test('a bundle cannot exist without its trust domain (BUNDLE-1)', () => {
  // @ts-expect-error the document does not say whose it is
  parseTrustBundle('{"keys":[]}')
  // @ts-expect-error nor is a name enough
  parseTrustBundle('{"keys":[]}', { trustDomain: 'td.test' })
  // @ts-expect-error nor do certificates say it
  createTrustBundle({ x509Authorities: [certificate] })
})

test('bundles and time are given as what they are', () => {
  // @ts-expect-error there is no default clock
  pruneExpired(bundle)
  // @ts-expect-error a sequence number has 64 bits
  createTrustBundle({ trustDomain, sequenceNumber: 1 })
  // @ts-expect-error certificates are no bundle
  createTrustBundleSet([certificate])
  // @ts-expect-error bundles do not change
  bundle.sequenceNumber = 1n
})
