export { startCertifyLoop } from './certify-loop.ts'
export type {
  Certify,
  CertifyCall,
  CertifyLoopEvent,
  CertifyLoop,
  CertifyLoopOptions,
  CertifyQuestion,
} from './certify-loop.ts'
export { connectTls, type TlsClientOptions } from './connect-tls.ts'
export { connectMtls, type MtlsClientOptions } from './connect-mtls.ts'
export { createCredentialStore, type CredentialSource, type CredentialStore } from './credential-source.ts'
export type { Credential } from './credential.ts'
export { type EndEntityDirectory, openEndEntityDirectory } from './end-entity-directory.ts'
export { WorkloadError, type WorkloadErrorCode, type WorkloadErrorDetail, workloadErrorCodes } from './errors.ts'
export { type FollowedTrustAnchors, followTrustAnchors } from './follow-trust-anchors.ts'
export type { FollowTrustAnchorsOptions, TrustAnchorEvent } from './follow-trust-anchors.ts'
export { prepareKeyMaterial } from './key-material.ts'
export type { KeyFormat, KeyMaterial, PrepareKeyMaterialOptions } from './key-material.ts'
export type { Rekey } from './key-ring.ts'
export type { MeshTrust, PeerOf } from './mesh-trust.ts'
export type { MtlsConnection } from './mtls-connection.ts'
export { createMtlsServer, HANDSHAKE_TIMEOUT_MS, type MtlsServerOptions } from './mtls-server.ts'
export { MAX_TRUST_ANCHORS_LENGTH, type ParsedTrustAnchors, parseTrustAnchors } from './parse-trust-anchors.ts'
export type { SkippedTrustAnchor } from './parse-trust-anchors.ts'
export type { PeerSide } from './peer-chain.ts'
export { MAX_TOKEN_BYTES, readToken } from './read-token.ts'
export { tlsContext, type TlsMaterial } from './tls-context.ts'
export { type CertifyAnswer, verifyCredential, type VerifyCredentialOptions } from './verify-credential.ts'
export type { TrustAnchorSource, TrustAnchorsOrSource } from './trust-anchor-source.ts'
export { type LinkerdPeer, type LinkerdPeerTrust, verifyLinkerdPeer } from './verify-linkerd-peer.ts'
export { verifyLinkerdPeerChain } from './verify-linkerd-peer.ts'
export { type PeerIdentity, type PeerTrust, verifyPeer, verifyPeerChain } from './verify-peer.ts'
export { formatWorkloadName, parseWorkloadName, type WorkloadName } from './workload-name.ts'
