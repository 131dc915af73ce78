import type { TLSSocket } from 'node:tls'
import { type Certificate, checkSvidLeaf, spiffeIdOfCertificate, verifyChain } from '@meshid/certificate'
import { nodeVerifier } from '@meshid/keys/node'
import type { SpiffeId, TrustDomain } from '@meshid/spiffe-id'
import { WorkloadError } from './errors.ts'
import { authorizePeer, judgePeer, parsePeerChain, type PeerSide, sentChain } from './peer-chain.ts'
import { currentTrustAnchors, type TrustAnchorsOrSource } from './trust-anchor-source.ts'

/** Whom to trust: the anchors of one trust domain, which speak for its members only (X509-28). */
export interface PeerTrust {
  readonly trustDomain: TrustDomain
  /** Read anew for each peer when it is a source. */
  readonly trustAnchors: TrustAnchorsOrSource
  /**
   * Says whether a verified peer is welcome: throws when it is not (see `matchId` of @meshid/spiffe-id). Required, so that
   * "anybody" must be spelled out (X509-37).
   */
  readonly authorize: (peer: SpiffeId) => void
  readonly now: () => Date
}

/** A peer whose certificate was verified and who was authorized. */
export interface PeerIdentity {
  readonly spiffeId: SpiffeId
  readonly certificate: Certificate
}

/**
 * Verifies who is at the other end of a TLS connection, before any application byte; see {@link verifyPeerChain}.
 *
 * Call it once for each connection, of a context that {@link tlsContext} made: Node gives away what the peer sent only
 * once (nodejs/node#65579). That the peer holds the private key, TLS has checked.
 * @throws WorkloadError WORKLOAD_PEER_RESUMED, and those of `verifyPeerChain`
 */
export function verifyPeer(socket: TLSSocket, side: PeerSide, trust: PeerTrust): PeerIdentity {
  return verifyPeerChain(sentChain(socket, side), side, trust)
}

/**
 * Verifies a chain that a peer showed (DER, leaf first, then a pool of intermediates): the rules of an X.509-SVID leaf, its
 * trust domain, the path to that trust domain's anchors and its purpose, then the caller's authorizer. Names of hosts are
 * not looked at (X509-38). Whether the peer holds the private key is not known here.
 * @throws WorkloadError WORKLOAD_PEER_NO_CERTIFICATE, WORKLOAD_PEER_UNTRUSTED, WORKLOAD_PEER_FOREIGN_TRUST_DOMAIN,
 *   WORKLOAD_PEER_NOT_AUTHORIZED
 * @see SPIFFE rules X509-26 to X509-30 and X509-37
 */
export function verifyPeerChain(chain: readonly Uint8Array[], side: PeerSide, trust: PeerTrust): PeerIdentity {
  const certificates = parsePeerChain(chain, side)
  const spiffeId = judgePeer(side, () => claimedId(certificates[0]))
  checkTrustDomain(spiffeId, side, trust)
  const trustAnchors = currentTrustAnchors(trust.trustAnchors)
  const input = { chain: certificates, trustAnchors, now: trust.now(), purpose: `leaf-${side}` as const }
  const { certificate } = judgePeer(side, () => verifyChain(input, { verifier: nodeVerifier }))
  authorizePeer(side, spiffeId, trust.authorize)
  return Object.freeze({ spiffeId, certificate })
}

function claimedId(leaf: Certificate): SpiffeId {
  checkSvidLeaf(leaf)
  return spiffeIdOfCertificate(leaf)
}

/** Whose anchors must be used is decided before any is used (X509-28). */
function checkTrustDomain(spiffeId: SpiffeId, side: PeerSide, { trustDomain }: PeerTrust): void {
  if (spiffeId.trustDomain.name === trustDomain.name) return
  const detail = { expected: trustDomain.name, found: spiffeId.toString() }
  const message = `peer ${side}: expected a member of ${detail.expected}, found ${detail.found}`
  throw new WorkloadError('WORKLOAD_PEER_FOREIGN_TRUST_DOMAIN', message, { detail })
}
