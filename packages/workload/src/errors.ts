/** Each code of {@link WorkloadError}: what it means and what to do next. docs/errors.md is generated from this table. */
export const workloadErrorCodes = {
  // Names and files
  WORKLOAD_NAME_INVALID:
    'The own name is neither a SPIFFE ID with a path nor a DNS name of two or more labels; correct it.',
  WORKLOAD_DIRECTORY_MISSING:
    'The end-entity directory does not exist; mount it (an emptyDir of medium Memory) or create it.',
  WORKLOAD_DIRECTORY_NOT_A_DIRECTORY: 'The end-entity path is not a directory; correct the path or the mount.',
  WORKLOAD_DIRECTORY_NOT_WRITABLE:
    'No file can be written in the end-entity directory; check its owner, mode and mount.',
  WORKLOAD_FILE_UNREADABLE: 'A file of the workload could not be read; see cause for what the system said.',
  WORKLOAD_FILE_UNWRITABLE: 'The key or the CSR could not be written; see cause for what the file system said.',
  WORKLOAD_TRUST_ANCHORS_INVALID:
    'The trust anchors are broken PEM or hold no CA certificate that can be read; compare them with what was distributed.',
  WORKLOAD_TOKEN_UNREADABLE: 'The token file could not be read; check the projected volume and the path.',
  WORKLOAD_TOKEN_EMPTY: 'The token file is empty; wait for the kubelet to write it, or check the projected volume.',
  WORKLOAD_TOKEN_TOO_LARGE: 'The token file is longer than the limit; check that the path names a token.',

  // What came back from the identity service
  WORKLOAD_RESPONSE_INVALID: 'The answer holds no well-formed certificate or expiry; the identity service is at fault.',
  WORKLOAD_CREDENTIAL_UNTRUSTED: 'The issued chain does not verify up to the own trust anchors; compare the bundles.',
  WORKLOAD_CREDENTIAL_NAME_MISMATCH: 'The certificate was issued for another name than the own; it is not used.',
  WORKLOAD_CREDENTIAL_KEY_MISMATCH: 'The certificate was issued for another key than the own; it is not used.',
  WORKLOAD_CREDENTIAL_EXPIRED: 'The credential has expired; nothing is sent with it until the next one arrives.',
  WORKLOAD_NO_CREDENTIAL: 'There is no credential yet; wait for the first certificate.',

  // Peers
  WORKLOAD_PEER_UNREACHABLE: 'No TCP connection to the peer came about; see cause, and check address and network.',
  WORKLOAD_PEER_HANDSHAKE_FAILED:
    'The TLS handshake ended before the peer could be judged; see cause for what TLS said (it must speak TLS 1.3).',
  WORKLOAD_PEER_NO_CERTIFICATE: 'The peer showed no certificate; it must take part in the mesh.',
  WORKLOAD_PEER_UNTRUSTED: 'The certificate of the peer is malformed or does not verify; see cause for the rule.',
  WORKLOAD_PEER_NAMES_INVALID:
    'The peer has not exactly one name of the mesh, or names that contradict each other; see detail for those it has.',
  WORKLOAD_PEER_WRONG_SERVER_NAME:
    'The peer asked (by SNI) for another server than this one; its address leads to the wrong place.',
  WORKLOAD_PEER_FOREIGN_TRUST_DOMAIN:
    'The peer belongs to a trust domain or mesh that there is no bundle for; federate with it if it should be known.',
  WORKLOAD_PEER_NOT_AUTHORIZED: 'The peer is who it says, but is not allowed here; see cause for whom was expected.',
  WORKLOAD_PEER_RESUMED: 'The TLS session was resumed, so the peer was not verified anew; connect without resumption.',
  WORKLOAD_PEER_TLS_OUTDATED:
    'The connection is not TLS 1.3, so who is there may change after it was verified; use a context of tlsContext.',
  WORKLOAD_PEER_UNIDENTIFIED:
    'This is no open connection that this package verified, so nobody is known to be there; serve it through createMtls… only.',
} as const

/** A stable reason; part of the public API. */
export type WorkloadErrorCode = keyof typeof workloadErrorCodes

/** Safe facts about a refusal: never a token, a key or a raw request. */
export interface WorkloadErrorDetail {
  readonly path?: string
  readonly expected?: string | number
  readonly found?: string | number
  readonly limit?: number
}

/** The one error of this package. */
export class WorkloadError extends Error {
  override readonly name = 'WorkloadError'
  readonly code: WorkloadErrorCode
  readonly detail: WorkloadErrorDetail

  constructor(
    code: WorkloadErrorCode,
    message: string,
    options: { detail?: WorkloadErrorDetail; cause?: unknown } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.detail = Object.freeze({ ...options.detail })
  }
}
