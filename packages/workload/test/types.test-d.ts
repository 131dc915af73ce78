import type { Certificate } from '@meshid/certificate'
import type { LinkerdName, SpiffeId } from '@meshid/spiffe-id'
import {
  type CertifyAnswer,
  connectMtls,
  createCredentialStore,
  createMtlsServer,
  type Credential,
  type CredentialSource,
  type LinkerdPeer,
  type LinkerdPeerTrust,
  type PeerIdentity,
  type PeerTrust,
  trustBundlesOf,
  verifyCredential,
  type VerifyCredentialOptions,
  type WorkloadErrorCode,
} from '@meshid/workload'
import type { SyncAuthorizer } from '@meshid/svid'
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
  expectTypeOf<PeerTrust['authorize']>().toEqualTypeOf<SyncAuthorizer>()
  const bundles = trustBundlesOf(id.trustDomain, options.trustAnchors)
  // @ts-expect-error no authorizer
  const trust: PeerTrust = { bundles, now: () => options.now }
  void trust
})

test('what a peer is follows from whom is trusted', () => {
  const spiffe = connectMtls({ host: '', port: 0, source, trust: {} as PeerTrust })
  expectTypeOf(spiffe).resolves.toHaveProperty('peer').toEqualTypeOf<PeerIdentity>()
  const linkerd = connectMtls({ host: '', port: 0, source, trust: {} as LinkerdPeerTrust })
  expectTypeOf(linkerd).resolves.toHaveProperty('peer').toEqualTypeOf<LinkerdPeer>()
  createMtlsServer({
    source,
    trust: {} as LinkerdPeerTrust,
    onConnection: ({ peer }) => expectTypeOf(peer).toEqualTypeOf<LinkerdPeer>(),
  })
  expectTypeOf<LinkerdPeerTrust['authorize']>().toEqualTypeOf<(peer: LinkerdName) => void>()
  expectTypeOf<LinkerdPeer>().not.toExtend<PeerIdentity>()
})

test('codes are a union', () => {
  expectTypeOf<'WORKLOAD_NO_CREDENTIAL'>().toExtend<WorkloadErrorCode>()
  expectTypeOf<'WORKLOAD_ANYTHING'>().not.toExtend<WorkloadErrorCode>()
})
