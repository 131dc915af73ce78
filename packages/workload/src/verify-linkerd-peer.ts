import type { TLSSocket } from 'node:tls'
import { type Certificate, spiffeIdOfCertificate, verifyChain } from '@meshid/certificate'
import { nodeVerifier } from '@meshid/keys/node'
import {
  type LinkerdMesh,
  type LinkerdName,
  parseLinkerdName,
  type SpiffeId,
  SpiffeIdError,
  spiffeIdOfLinkerdName,
} from '@meshid/spiffe-id'
import { WorkloadError } from './errors.ts'
import { authorizePeer, judgePeer, parsePeerChain, type PeerSide, sentChain } from './peer-chain.ts'
import { currentTrustAnchors, type TrustAnchorsOrSource } from './trust-anchor-source.ts'

/** Whom to trust in a Linkerd mesh: its anchors speak for the names of that mesh only. */
export interface LinkerdPeerTrust {
  readonly mesh: LinkerdMesh
  /** Read anew for each peer when it is a source. */
  readonly trustAnchors: TrustAnchorsOrSource
  /** Says whether a verified peer is welcome: throws when it is not. Required, so that "anybody" must be spelled out. */
  readonly authorize: (peer: LinkerdName) => void
  readonly now: () => Date
}

/** A peer of a Linkerd mesh whose certificate was verified and who was authorized. */
export interface LinkerdPeer {
  readonly linkerdName: LinkerdName
  /** The SPIFFE ID of the same account, which a leaf of the `dual` profile has beside its DNS name. */
  readonly spiffeId: SpiffeId | undefined
  readonly certificate: Certificate
}

/** Most characters of a peer's names that an error repeats. */
const MAX_NAMES_IN_ERROR = 300

/**
 * Verifies which Linkerd workload is at the other end of a TLS connection, before any application byte; see
 * {@link verifyLinkerdPeerChain}. Call it once for each connection, as `verifyPeer`.
 * @throws WorkloadError WORKLOAD_PEER_RESUMED, and those of `verifyLinkerdPeerChain`
 */
export function verifyLinkerdPeer(socket: TLSSocket, side: PeerSide, trust: LinkerdPeerTrust): LinkerdPeer {
  return verifyLinkerdPeerChain(sentChain(socket, side), side, trust)
}

/**
 * Verifies a chain that a peer of a Linkerd mesh showed (DER, leaf first, then a pool of intermediates): its names, the
 * path to the mesh's anchors and its purpose, then the caller's authorizer.
 *
 * linkerd2-proxy takes the first DNS or URI name of a client, and any of a server. Here there must be exactly one DNS name,
 * a Linkerd name of this mesh as it is written, and beside it no URI but the SPIFFE ID of the same account (Q41).
 * @throws WorkloadError WORKLOAD_PEER_NO_CERTIFICATE, WORKLOAD_PEER_UNTRUSTED, WORKLOAD_PEER_NAMES_INVALID,
 *   WORKLOAD_PEER_FOREIGN_TRUST_DOMAIN, WORKLOAD_PEER_NOT_AUTHORIZED
 * @see linkerd2-proxy `linkerd/tls/verifier/src/lib.rs`
 */
export function verifyLinkerdPeerChain(
  chain: readonly Uint8Array[],
  side: PeerSide,
  trust: LinkerdPeerTrust,
): LinkerdPeer {
  const certificates = parsePeerChain(chain, side)
  const linkerdName = claimedName(certificates[0], side, trust.mesh)
  const spiffeId = secondName(certificates[0], side, linkerdName)
  const trustAnchors = currentTrustAnchors(trust.trustAnchors)
  const input = { chain: certificates, trustAnchors, now: trust.now(), purpose: `leaf-${side}` as const }
  const { certificate } = judgePeer(side, () => verifyChain(input, { verifier: nodeVerifier }))
  authorizePeer(side, linkerdName, trust.authorize)
  return Object.freeze({ linkerdName, spiffeId, certificate })
}

function claimedName(leaf: Certificate, side: PeerSide, mesh: LinkerdMesh): LinkerdName {
  const [text, ...others] = leaf.subjectAltNames?.dnsNames ?? []
  if (text === undefined || others.length > 0) throw refuseNames(leaf, side, 'exactly one DNS name')
  try {
    return parseLinkerdName(text, mesh)
  } catch (cause) {
    if (!(cause instanceof SpiffeIdError)) throw cause
    if (cause.code !== 'SPIFFE_ID_LINKERD_NAME_SUFFIX') throw refuseNames(leaf, side, 'a Linkerd name', cause)
    const detail = { expected: `${mesh.controlNamespace}.${mesh.trustDomain.name}`, found: text }
    const message = `peer ${side}: expected a name of the mesh ${detail.expected}, found ${text}`
    throw new WorkloadError('WORKLOAD_PEER_FOREIGN_TRUST_DOMAIN', message, { detail, cause })
  }
}

/** The SPIFFE ID beside the DNS name, which must say the same. */
function secondName(leaf: Certificate, side: PeerSide, linkerdName: LinkerdName): SpiffeId | undefined {
  if ((leaf.subjectAltNames?.uris ?? []).length === 0) return undefined
  const spiffeId = judgePeer(side, () => spiffeIdOfCertificate(leaf))
  const expected = spiffeIdOfLinkerdName(linkerdName)
  if (String(spiffeId) === String(expected)) return spiffeId
  throw refuseNames(leaf, side, `no URI but ${String(expected)}`)
}

function refuseNames(leaf: Certificate, side: PeerSide, expected: string, cause?: unknown): WorkloadError {
  const { dnsNames = [], uris = [] } = leaf.subjectAltNames ?? {}
  const found = [...dnsNames, ...uris].join(', ').slice(0, MAX_NAMES_IN_ERROR) || 'no name'
  const message = `peer ${side}: expected ${expected}, found ${found}`
  const options = { detail: { expected, found } }
  return new WorkloadError(
    'WORKLOAD_PEER_NAMES_INVALID',
    message,
    cause === undefined ? options : { ...options, cause },
  )
}
