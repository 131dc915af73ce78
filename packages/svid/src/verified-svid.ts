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
  readonly #chain: VerifiedChain
  readonly #now: number
  readonly purpose: SvidPurpose

  private constructor(spiffeId: SpiffeId, chain: VerifiedChain, purpose: SvidPurpose, now: Date) {
    this.#spiffeId = spiffeId
    this.#chain = chain
    this.#now = now.getTime()
    this.purpose = purpose
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

  get leaf(): Certificate {
    return this.#chain.certificate
  }

  /** From the leaf to the anchor, both included. */
  get path(): readonly Certificate[] {
    return this.#chain.path
  }

  /** The authority of the bundle at which the path ends. */
  get anchor(): Certificate {
    return this.path.at(-1) as Certificate
  }

  /** The latest notBefore of the path. */
  get notBefore(): Date {
    return this.#chain.notBefore
  }

  /** The earliest notAfter of the path, the anchor's included: after it nothing of this holds. */
  get notAfter(): Date {
    return this.#chain.notAfter
  }

  /** The instant for which it was verified. */
  get verifiedAt(): Date {
    return new Date(this.#now)
  }
}
