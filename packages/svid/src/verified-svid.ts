import type { Certificate, VerifiedChain } from '@meshid/certificate'
import type { SpiffeId, TrustDomain } from '@meshid/spiffe-id'

/** Which side of a TLS connection the holder of the SVID is on. */
export type SvidPurpose = 'client' | 'server'

/** Makes a verified SVID; the package does not export it. */
export let createVerifiedSvid: (
  spiffeId: SpiffeId,
  chain: VerifiedChain,
  purpose: SvidPurpose,
  now: Date,
) => VerifiedSvid

/** Throws a TypeError unless the value was made by `verifySvid`; types say the same, but not everybody has them. */
export let checkVerifiedSvid: (value: VerifiedSvid) => void

/**
 * An X.509-SVID that was verified against the bundle of its own trust domain, and the only thing that authorizers accept.
 * Made only by `verifySvid`; frozen; true for the instant and the bundle that were given.
 *
 * That the peer holds the private key is for TLS to show. Who may do what is not decided yet; see `authorizeSvid`.
 */
export class VerifiedSvid {
  readonly #spiffeId: SpiffeId
  readonly purpose: SvidPurpose
  readonly leaf: Certificate
  /** The authority of the bundle at which the path ends. */
  readonly anchor: Certificate
  /** From the leaf to the anchor, both included. */
  readonly path: readonly Certificate[]
  /** The latest notBefore of the path. */
  readonly notBefore: Date
  /** The earliest notAfter of the path, the anchor's included: after it nothing of this holds. */
  readonly notAfter: Date
  /** The instant for which it was verified. */
  readonly verifiedAt: Date

  private constructor(spiffeId: SpiffeId, chain: VerifiedChain, purpose: SvidPurpose, now: Date) {
    this.#spiffeId = spiffeId
    this.purpose = purpose
    this.path = chain.path
    this.leaf = chain.certificate
    this.anchor = this.path.at(-1) as Certificate
    this.notBefore = chain.notBefore
    this.notAfter = chain.notAfter
    this.verifiedAt = new Date(now)
    Object.freeze(this)
  }

  static {
    createVerifiedSvid = (spiffeId, chain, purpose, now) => new VerifiedSvid(spiffeId, chain, purpose, now)
    checkVerifiedSvid = (value) => {
      if (typeof value === 'object' && #spiffeId in value) return
      throw new TypeError('svid: expected a VerifiedSvid of verifySvid')
    }
  }

  get spiffeId(): SpiffeId {
    return this.#spiffeId
  }

  /** The trust domain of the ID, by whose bundle it was verified: what the ID says is said by this domain alone (ID-37). */
  get trustDomain(): TrustDomain {
    return this.#spiffeId.trustDomain
  }
}
