import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest, ServerHttp2Session, ServerHttp2Stream } from 'node:http2'
import type { ServerUnaryCall } from '@grpc/grpc-js'
import type { Certificate } from '@meshid/certificate'
import type { LinkerdName, SpiffeId } from '@meshid/spiffe-id'
import {
  type CertifyAnswer,
  connectMtls,
  createCredentialStore,
  createMtlsHttp2Server,
  createMtlsHttpsAgent,
  createMtlsHttpsServer,
  createMtlsServer,
  linkerdPeer,
  type PeerCarrier,
  peerIdentity,
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
import { createMtlsChannelCredentials } from '@meshid/workload/grpc'
import { createMtlsDispatcher } from '@meshid/workload/undici'
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

test('an authorizer decides at once, and a predicate is none', () => {
  const { bundles, now } = {} as PeerTrust
  // @ts-expect-error nobody waits for it
  const late: PeerTrust = { bundles, now, authorize: async () => {} }
  // @ts-expect-error its `false` would refuse nobody
  const predicate: PeerTrust = { bundles, now, authorize: () => false }
  void [late, predicate]
})

test('servers and agents take no TLS options of their callers', () => {
  const trust = {} as PeerTrust
  createMtlsHttpsServer({ source, trust, http: { keepAliveTimeout: 1000 } })
  // @ts-expect-error certificates are always asked for
  createMtlsHttpsServer({ source, trust, http: { requestCert: false } })
  // @ts-expect-error TLS 1.3 only
  createMtlsHttp2Server({ source, trust, http2: { minVersion: 'TLSv1.2' } })
  // @ts-expect-error the agent verifies, in its own way
  createMtlsHttpsAgent({ source, trust, pool: { rejectUnauthorized: false } })
  // @ts-expect-error sessions are not resumed
  createMtlsHttpsAgent({ source, trust, pool: { maxCachedSessions: 100 } })
  // @ts-expect-error the connections are ours
  createMtlsDispatcher({ source, trust, pool: { connect: { rejectUnauthorized: false } } })
  // @ts-expect-error HTTP/2 is what gRPC speaks
  createMtlsChannelCredentials({ source, trust, alpnProtocols: ['http/1.1'] })
})

test('whom to trust must be said for every adapter', () => {
  // @ts-expect-error no trust
  createMtlsHttpsServer({ source })
  // @ts-expect-error no trust
  createMtlsHttpsAgent({ source })
  // @ts-expect-error no trust
  createMtlsChannelCredentials({ source })
  // @ts-expect-error no trust
  createMtlsDispatcher({ source })
})

test('who is there is never undefined, and of one kind', () => {
  expectTypeOf(peerIdentity).returns.toEqualTypeOf<PeerIdentity>()
  expectTypeOf(linkerdPeer).returns.toEqualTypeOf<LinkerdPeer>()
  expectTypeOf<IncomingMessage>().toExtend<PeerCarrier>()
  expectTypeOf<IncomingMessage['socket']>().toExtend<PeerCarrier>()
  expectTypeOf<Http2ServerRequest>().toExtend<PeerCarrier>()
  expectTypeOf<ServerHttp2Stream>().toExtend<PeerCarrier>()
  expectTypeOf<ServerHttp2Session>().toExtend<PeerCarrier>()
  expectTypeOf<ServerUnaryCall<unknown, unknown>>().toExtend<PeerCarrier>()
  // @ts-expect-error an ID is no connection
  peerIdentity('spiffe://cluster.local/ns/shop/sa/web')
})

test('codes are a union', () => {
  expectTypeOf<'WORKLOAD_NO_CREDENTIAL'>().toExtend<WorkloadErrorCode>()
  expectTypeOf<'WORKLOAD_ANYTHING'>().not.toExtend<WorkloadErrorCode>()
})
