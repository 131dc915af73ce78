import type { Certificate } from '../parse/certificate.ts'
import type { ChainPurpose } from './check-purpose.ts'

/** Makes a verified chain; the package does not export it. */
export let createVerifiedChain: (path: readonly Certificate[], purpose: ChainPurpose) => VerifiedChain

/**
 * A path from a certificate to a trust anchor in which every link was verified. Made only by `verifyChain`, and true for
 * the instant and the anchors that it was given.
 */
export class VerifiedChain {
  readonly purpose: ChainPurpose
  readonly #path: readonly Certificate[]

  private constructor(path: readonly Certificate[], purpose: ChainPurpose) {
    this.#path = Object.freeze([...path])
    this.purpose = purpose
    Object.freeze(this)
  }

  static {
    createVerifiedChain = (path, purpose) => new VerifiedChain(path, purpose)
  }

  /** From the first certificate to the anchor; an issuer that is itself the anchor stands alone. */
  get path(): readonly Certificate[] {
    return this.#path
  }

  /** The certificate that was asked about: a leaf or an issuer. */
  get certificate(): Certificate {
    return this.#path[0] as Certificate
  }

  /** The trust anchor. */
  get anchor(): Certificate {
    return this.#path.at(-1) as Certificate
  }

  /** What stands between the certificate and the anchor. */
  get intermediates(): readonly Certificate[] {
    return this.#path.slice(1, -1)
  }

  /** The latest notBefore of the path, the anchor's included. */
  get notBefore(): Date {
    return new Date(Math.max(...this.#path.map(({ notBefore }) => notBefore.getTime())))
  }

  /** The earliest notAfter of the path, the anchor's included: no certificate below may outlive it (Q14). */
  get notAfter(): Date {
    return new Date(Math.min(...this.#path.map(({ notAfter }) => notAfter.getTime())))
  }
}
