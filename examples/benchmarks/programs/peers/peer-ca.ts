/** A CA made with another library, that does the same work: reads a CSR, verifies it, and signs a leaf for its key. */
export interface PeerCa {
  issue(csr: Uint8Array): PeerLeaf | Promise<PeerLeaf>
}

export interface PeerLeaf {
  readonly der: Uint8Array
  readonly notAfter: Date
}

/** What the leaves of the peers say beside the key. */
export const leafUri = 'spiffe://cluster.local/ns/emojivoto/sa/web'
export const LEAF_LIFETIME_MS = 86_400_000
