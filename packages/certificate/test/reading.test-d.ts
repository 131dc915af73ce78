import {
  type Certificate,
  createTrustAnchors,
  parseCertificate,
  type TrustAnchors,
  verifyChain,
  type VerifiedChain,
} from '@meshid/certificate'
import { nobleVerifier } from '@meshid/keys'
import { expectTypeOf, test } from 'vitest'

declare const certificate: Certificate
declare const trustAnchors: TrustAnchors
const now = new Date(0)
const options = { verifier: nobleVerifier }

test('a record that looks like a certificate is not one', () => {
  const { der, subject, ...rest } = certificate
  expectTypeOf({ der, subject, ...rest }).not.toExtend<Certificate>()
  // @ts-expect-error bytes are not a certificate
  createTrustAnchors([new Uint8Array()])
})

test('certificates are not trust anchors until somebody says so', () => {
  // @ts-expect-error parsed certificates carry no trust
  verifyChain({ chain: [certificate], trustAnchors: [certificate], now, purpose: 'leaf' }, options)
  expectTypeOf<readonly Certificate[]>().not.toExtend<TrustAnchors>()
})

test('a chain is verified by verifyChain only', () => {
  expectTypeOf(
    verifyChain({ chain: [certificate], trustAnchors, now, purpose: 'issuer' }, options),
  ).toEqualTypeOf<VerifiedChain>()
  expectTypeOf({ path: [certificate], purpose: 'leaf' }).not.toExtend<VerifiedChain>()
})

test('time, purpose and verifier must be given', () => {
  // @ts-expect-error there is no default clock
  verifyChain({ chain: [certificate], trustAnchors, purpose: 'leaf' }, options)
  // @ts-expect-error there is no default purpose
  verifyChain({ chain: [certificate], trustAnchors, now }, options)
  // @ts-expect-error nobody's cryptography is the default
  verifyChain({ chain: [certificate], trustAnchors, now, purpose: 'leaf' })
})

test('certificates are read-only', () => {
  // @ts-expect-error a field cannot be replaced
  certificate.notAfter = now
  // @ts-expect-error nor a name added
  certificate.subjectAltNames?.uris.push('spiffe://td.test/web')
  expectTypeOf(parseCertificate).returns.toEqualTypeOf<Certificate>()
})
