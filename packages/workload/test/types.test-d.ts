import type { Certificate } from '@meshid/certificate'
import type { SpiffeId } from '@meshid/spiffe-id'
import {
  type CertifyAnswer,
  createCredentialStore,
  type Credential,
  type CredentialSource,
  type PeerTrust,
  verifyCredential,
  type VerifyCredentialOptions,
  type WorkloadErrorCode,
} from '@meshid/workload'
import { expectTypeOf, test } from 'vitest'

declare const answer: CertifyAnswer
declare const options: VerifyCredentialOptions
declare const credential: Credential
/** Has everything that can be seen of a credential. */
declare const lookalike: { readonly [Key in keyof Credential]: Credential[Key] }
declare const leaf: Certificate
declare const id: SpiffeId
const { source, publish } = createCredentialStore()

test('only verifyCredential makes a credential', () => {
  expectTypeOf(verifyCredential).returns.toEqualTypeOf<Credential>()
  expectTypeOf(verifyCredential(answer, options)).toEqualTypeOf<Credential>()
  // @ts-expect-error the private part is missing
  const forged: Credential = lookalike
  void forged
})

test('what merely looks like a credential cannot be published', () => {
  // @ts-expect-error the private part is missing
  publish(lookalike)
  // @ts-expect-error an answer was not verified
  publish(answer)
  // @ts-expect-error neither was a leaf
  publish(leaf)
  expectTypeOf(publish).parameter(0).toEqualTypeOf<Credential>()
})

test('the read end cannot write', () => {
  expectTypeOf<CredentialSource>().not.toHaveProperty('publish')
  // @ts-expect-error read-only
  source.current = credential
})

test('the key cannot be read but as what it is', () => {
  expectTypeOf<Credential>().not.toHaveProperty('privateKey')
})

test('"anybody is welcome" must be spelled out (X509-37)', () => {
  expectTypeOf<PeerTrust['authorize']>().toEqualTypeOf<(peer: SpiffeId) => void>()
  // @ts-expect-error no authorizer
  const trust: PeerTrust = { trustDomain: id.trustDomain, trustAnchors: options.trustAnchors, now: () => options.now }
  void trust
})

test('codes are a union', () => {
  expectTypeOf<'WORKLOAD_NO_CREDENTIAL'>().toExtend<WorkloadErrorCode>()
  expectTypeOf<'WORKLOAD_ANYTHING'>().not.toExtend<WorkloadErrorCode>()
})
