import type { TLSSocket } from 'node:tls'
import {
  type Certificate,
  CertificateError,
  checkSvidLeaf,
  MAX_CHAIN_CERTIFICATES,
  parseCertificate,
  spiffeIdOfCertificate,
  type TrustAnchors,
  verifyChain,
} from '@meshid/certificate'
import { nodeVerifier } from '@meshid/keys/node'
import { type SpiffeId, SpiffeIdError, type TrustDomain } from '@meshid/spiffe-id'
import { WorkloadError } from './errors.ts'

/** Whom to trust: the anchors of one trust domain, which speak for its members only (X509-28). */
export interface PeerTrust {
  readonly trustDomain: TrustDomain
  readonly trustAnchors: TrustAnchors
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

/** The side of TLS that the peer is on. */
export type PeerSide = 'client' | 'server'

/**
 * Verifies who is at the other end of a TLS connection, before any application byte; see {@link verifyPeerChain}.
 *
 * Call it once for each connection, of a context that {@link tlsContext} made: Node gives away what the peer sent only
 * once (nodejs/node#65579). That the peer holds the private key, TLS has checked.
 * @throws WorkloadError WORKLOAD_PEER_RESUMED, and those of `verifyPeerChain`
 */
export function verifyPeer(socket: TLSSocket, side: PeerSide, trust: PeerTrust): PeerIdentity {
  if (socket.isSessionReused()) {
    throw new WorkloadError('WORKLOAD_PEER_RESUMED', `peer ${side}: expected a full handshake, found a resumed session`)
  }
  return verifyPeerChain(sentChain(socket), side, trust)
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
  if (chain.length === 0) {
    throw new WorkloadError('WORKLOAD_PEER_NO_CERTIFICATE', `peer ${side}: expected a certificate, found none`)
  }
  const certificates = judge(side, () => chain.map((der) => parseCertificate(der)))
  const spiffeId = judge(side, () => claimedId(certificates[0] as Certificate))
  checkTrustDomain(spiffeId, side, trust)
  const { trustAnchors } = trust
  const input = { chain: certificates, trustAnchors, now: trust.now(), purpose: `leaf-${side}` as const }
  const { certificate } = judge(side, () => verifyChain(input, { verifier: nodeVerifier }))
  authorize(spiffeId, side, trust)
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

function authorize(spiffeId: SpiffeId, side: PeerSide, trust: PeerTrust): void {
  try {
    trust.authorize(spiffeId)
  } catch (cause) {
    const found = spiffeId.toString()
    const why = cause instanceof SpiffeIdError ? cause.message : `${found} was refused`
    throw new WorkloadError('WORKLOAD_PEER_NOT_AUTHORIZED', `peer ${side}: ${why}`, { detail: { found }, cause })
  }
}

/** Runs a step of the judgement; what speaks against the certificate becomes this package's error. */
function judge<T>(side: PeerSide, step: () => T): T {
  try {
    return step()
  } catch (cause) {
    if (!(cause instanceof CertificateError)) throw cause
    const message = `peer ${side}: ${cause.code}: ${cause.message}`
    throw new WorkloadError('WORKLOAD_PEER_UNTRUSTED', message, { detail: { found: cause.code }, cause })
  }
}

/** What the peer sent, leaf first; one more than is allowed, so that too many are refused and not cut. */
function sentChain(socket: TLSSocket): Uint8Array[] {
  const chain: Uint8Array[] = []
  let certificate = socket.getPeerX509Certificate()
  while (certificate !== undefined && chain.length <= MAX_CHAIN_CERTIFICATES) {
    chain.push(new Uint8Array(certificate.raw))
    certificate = certificate.issuerCertificate
  }
  return chain
}
