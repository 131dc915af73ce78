import type { PublicKey } from '@meshid/keys'
import type { SpiffeId, TrustDomain } from '@meshid/spiffe-id'

/** Makes a verified SVID; the package does not export it. */
export let createDirectSvid: (spiffeId: SpiffeId, publicKey: PublicKey, notAfter: number) => DirectSvid

/**
 * An X.509-SVID that was verified against the authorities of its own trust domain, and what authorization needs of it. Made only
 * by a `DirectVerifier`; frozen; true for the instant and the authorities that were given.
 *
 * That the peer holds the private key is for TLS to show. Who may do what is not decided yet.
 */
export class DirectSvid {
  readonly #notAfter: number
  readonly spiffeId: SpiffeId
  /** The key of the leaf, over bytes of its own. */
  readonly publicKey: PublicKey

  private constructor(spiffeId: SpiffeId, publicKey: PublicKey, notAfter: number) {
    this.spiffeId = spiffeId
    this.publicKey = publicKey
    this.#notAfter = notAfter
    Object.freeze(this)
  }

  static {
    createDirectSvid = (spiffeId, publicKey, notAfter) => new DirectSvid(spiffeId, publicKey, notAfter)
  }

  /** The trust domain of the ID, by whose authorities it was verified. */
  get trustDomain(): TrustDomain {
    return this.spiffeId.trustDomain
  }

  /** The earliest notAfter of the path, the authority's included: after it nothing of this holds. */
  get notAfter(): Date {
    return new Date(this.#notAfter)
  }
}
