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
 * Verifies who is at the other end of a TLS connection, before any application byte: chain to the anchors, purpose, the
 * rules of an X.509-SVID leaf, trust domain, then the caller's authorizer. The host name is not looked at (X509-38).
 * @throws WorkloadError WORKLOAD_PEER_NO_CERTIFICATE, WORKLOAD_PEER_RESUMED, WORKLOAD_PEER_UNTRUSTED,
 *   WORKLOAD_PEER_FOREIGN_TRUST_DOMAIN, WORKLOAD_PEER_NOT_AUTHORIZED
 */
export function verifyPeer(socket: TLSSocket, side: PeerSide, trust: PeerTrust): PeerIdentity {
  if (socket.isSessionReused()) {
    throw new WorkloadError('WORKLOAD_PEER_RESUMED', `peer ${side}: expected a full handshake, found a resumed session`)
  }
  return verifyPeerChain(sentChain(socket), side, trust)
}

/** The same for a chain that was taken from the connection: DER, leaf first. */
export function verifyPeerChain(chain: readonly Uint8Array[], side: PeerSide, trust: PeerTrust): PeerIdentity {
  if (chain.length === 0) {
    throw new WorkloadError('WORKLOAD_PEER_NO_CERTIFICATE', `peer ${side}: expected a certificate, found none`)
  }
  const identity = verifySvid(chain, side, trust)
  const { spiffeId } = identity
  if (spiffeId.trustDomain.name !== trust.trustDomain.name) {
    const detail = { expected: trust.trustDomain.name, found: spiffeId.trustDomain.name }
    throw new WorkloadError(
      'WORKLOAD_PEER_FOREIGN_TRUST_DOMAIN',
      `peer ${side}: expected a member of ${detail.expected}, found ${spiffeId.toString()}`,
      {
        detail,
      },
    )
  }
  try {
    trust.authorize(spiffeId)
  } catch (cause) {
    const detail = { found: spiffeId.toString() }
    const why = cause instanceof SpiffeIdError ? cause.message : `${detail.found} was refused`
    throw new WorkloadError('WORKLOAD_PEER_NOT_AUTHORIZED', `peer ${side}: ${why}`, { detail, cause })
  }
  return identity
}

function verifySvid(chain: readonly Uint8Array[], side: PeerSide, trust: PeerTrust): PeerIdentity {
  try {
    const certificates = chain.map((der) => parseCertificate(der))
    const input = {
      chain: certificates,
      trustAnchors: trust.trustAnchors,
      now: trust.now(),
      purpose: `leaf-${side}` as const,
    }
    const { certificate } = verifyChain(input, { verifier: nodeVerifier })
    checkSvidLeaf(certificate)
    return Object.freeze({ spiffeId: spiffeIdOfCertificate(certificate), certificate })
  } catch (cause) {
    if (!(cause instanceof CertificateError)) throw cause
    throw new WorkloadError('WORKLOAD_PEER_UNTRUSTED', `peer ${side}: ${cause.code}: ${cause.message}`, { cause })
  }
}

/** What the peer sent, leaf first; OpenSSL may have added the issuers that it knows itself, which does no harm. */
function sentChain(socket: TLSSocket): Uint8Array[] {
  const chain: Uint8Array[] = []
  let certificate = socket.getPeerX509Certificate()
  while (certificate !== undefined && chain.length < MAX_CHAIN_CERTIFICATES) {
    chain.push(new Uint8Array(certificate.raw))
    certificate = certificate.issuerCertificate
  }
  return chain
}
