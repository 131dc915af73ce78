import type { TLSSocket } from 'node:tls'
import type { Certificate } from '@meshid/certificate'
import { nodeVerifier } from '@meshid/keys/node'
import { type SpiffeId, SpiffeIdError } from '@meshid/spiffe-id'
import {
  SvidError,
  type SvidErrorCode,
  type SyncAuthorizer,
  type VerifiedSvid,
  verifyAndAuthorizeSync,
} from '@meshid/svid'
import { WorkloadError, type WorkloadErrorCode, type WorkloadErrorDetail } from './errors.ts'
import { type PeerSide, sentChain } from './peer-chain.ts'
import { currentTrustBundles, type TrustBundlesOrSource } from './trust-bundle-source.ts'

/** Whom to trust: bundles, each of which speaks for the members of its own trust domain only (X509-28), and who is welcome. */
export interface PeerTrust {
  /** One bundle for each trust domain that is known; read anew for each peer when it is a source. See `trustBundlesOf`. */
  readonly bundles: TrustBundlesOrSource
  /**
   * Says whether a verified peer is welcome: throws when it is not (see `authorizeId` and the others of @meshid/svid).
   * Required, so that "anybody" must be spelled out (X509-37).
   */
  readonly authorize: SyncAuthorizer
  readonly now: () => Date
}

/** A peer whose certificate was verified and who was authorized. */
export interface PeerIdentity {
  readonly spiffeId: SpiffeId
  readonly certificate: Certificate
  /** The same with its path, its anchor and the end of the whole path: what authorizers take. */
  readonly svid: VerifiedSvid
}

/**
 * Verifies who is at the other end of a TLS connection, before any application byte; see {@link verifyPeerChain}.
 *
 * Call it once for each connection, of a context that {@link tlsContext} made: Node gives away what the peer sent only
 * once (nodejs/node#65579). That the peer holds the private key, TLS has checked.
 * @throws WorkloadError WORKLOAD_PEER_RESUMED, WORKLOAD_PEER_TLS_OUTDATED, and those of `verifyPeerChain`
 */
export function verifyPeer(socket: TLSSocket, side: PeerSide, trust: PeerTrust): PeerIdentity {
  return verifyPeerChain(sentChain(socket, side), side, trust)
}

/**
 * Verifies a chain that a peer showed (DER, leaf first, then a pool of intermediates) with `verifySvid`: the rules of an
 * X.509-SVID leaf, the bundle of its own trust domain, the path and its purpose, then the caller's authorizer. Names of
 * hosts are not looked at (X509-38). Whether the peer holds the private key is not known here.
 * @throws WorkloadError WORKLOAD_PEER_NO_CERTIFICATE, WORKLOAD_PEER_UNTRUSTED, WORKLOAD_PEER_FOREIGN_TRUST_DOMAIN,
 *   WORKLOAD_PEER_NOT_AUTHORIZED; the cause is the SvidError with the rule and its evidence
 * @see SPIFFE rules X509-26 to X509-30 and X509-37
 */
export function verifyPeerChain(chain: readonly Uint8Array[], side: PeerSide, trust: PeerTrust): PeerIdentity {
  const bundles = currentTrustBundles(trust.bundles)
  const input = { chain, bundles, now: trust.now(), purpose: side }
  try {
    const svid = verifyAndAuthorizeSync(input, trust.authorize, { verifier: nodeVerifier })
    return Object.freeze({ spiffeId: svid.spiffeId, certificate: svid.leaf, svid })
  } catch (cause) {
    throw cause instanceof SvidError ? refusalOf(side, cause) : cause
  }
}

/** The refusals that are not about whether the SVID is genuine. */
const codes: Partial<Record<SvidErrorCode, WorkloadErrorCode>> = {
  SVID_CHAIN_EMPTY: 'WORKLOAD_PEER_NO_CERTIFICATE',
  SVID_BUNDLE_MISSING: 'WORKLOAD_PEER_FOREIGN_TRUST_DOMAIN',
  SVID_ID_MISMATCH: 'WORKLOAD_PEER_NOT_AUTHORIZED',
  SVID_ID_NOT_LISTED: 'WORKLOAD_PEER_NOT_AUTHORIZED',
  SVID_NOT_A_MEMBER: 'WORKLOAD_PEER_NOT_AUTHORIZED',
  SVID_PATH_MISMATCH: 'WORKLOAD_PEER_NOT_AUTHORIZED',
  SVID_NO_ALTERNATIVE: 'WORKLOAD_PEER_NOT_AUTHORIZED',
  SVID_EXCLUDED: 'WORKLOAD_PEER_NOT_AUTHORIZED',
  SVID_NOT_AUTHORIZED: 'WORKLOAD_PEER_NOT_AUTHORIZED',
  SVID_AUTHORIZER_FAILED: 'WORKLOAD_PEER_NOT_AUTHORIZED',
}

function refusalOf(side: PeerSide, cause: SvidError): WorkloadError {
  const code = codes[cause.code] ?? 'WORKLOAD_PEER_UNTRUSTED'
  // A rule of the caller's own that asks `matchId` of @meshid/spiffe-id has said why.
  const isTold = cause.code === 'SVID_AUTHORIZER_FAILED' && cause.cause instanceof SpiffeIdError
  const { code: reason, message } = isTold ? (cause.cause as SpiffeIdError) : cause
  return new WorkloadError(code, `peer ${side}: ${reason}: ${message}`, { detail: detailOf(code, cause), cause })
}

/** What is wrong with an SVID is told by its code; who is not welcome, by the name. */
function detailOf(code: WorkloadErrorCode, { code: found, detail }: SvidError): WorkloadErrorDetail {
  if (code === 'WORKLOAD_PEER_FOREIGN_TRUST_DOMAIN') return { found: String(detail['expected']) }
  if (code !== 'WORKLOAD_PEER_NOT_AUTHORIZED') return { found }
  const { expected } = detail
  const id = String(detail['spiffeId'] ?? detail['found'])
  return { found: id, ...(expected === undefined ? {} : { expected: String(expected) }) }
}
