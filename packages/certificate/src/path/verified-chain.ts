import { Certificate } from '../parse/certificate.ts'
import type { TrustAnchor } from './trusted-key.ts'

/**
 * What the first certificate of a chain is for. `leaf-client` and `leaf-server` name its side of TLS, `leaf` wants both;
 * an `issuer` signs workloads' certificates, so it wants both too, and room for them in every path length above it.
 */
export type ChainPurpose = 'leaf' | 'leaf-client' | 'leaf-server' | 'issuer'

/** Certificates from the one in question upwards, and the anchor; if that is a certificate, it is the last of the path. */
export interface FoundPath {
  readonly path: readonly Certificate[]
  readonly anchor: TrustAnchor
}

/** Makes a verified chain; the package does not export it. */
export let createVerifiedChain: (found: FoundPath, purpose: ChainPurpose) => VerifiedChain

/**
 * A path from a certificate to a trust anchor in which every link was verified. Made only by `verifyChain`, and true for
 * the instant and the anchors that it was given.
 */
export class VerifiedChain {
  readonly purpose: ChainPurpose
  readonly #path: readonly Certificate[]
  readonly #anchor: TrustAnchor

  private constructor({ path, anchor }: FoundPath, purpose: ChainPurpose) {
    this.#path = [...path]
    this.#anchor = anchor
    this.purpose = purpose
    Object.freeze(this)
  }

  static {
    createVerifiedChain = (found, purpose) => new VerifiedChain(found, purpose)
  }

  /** From the first certificate to the anchor, if that is a certificate; an issuer that is itself the anchor stands alone. */
  get path(): readonly Certificate[] {
    return Object.freeze(this.#path)
  }

  /** The certificate that was asked about: a leaf or an issuer. */
  get certificate(): Certificate {
    return this.#path[0] as Certificate
  }

  /** The trust anchor. */
  get anchor(): TrustAnchor {
    return this.#anchor
  }

  /** What stands between the certificate and the anchor. */
  get intermediates(): readonly Certificate[] {
    return this.#path.slice(1).filter((certificate) => certificate !== this.#anchor)
  }

  /** The latest notBefore of the path, the anchor's included. */
  get notBefore(): Date {
    return new Date(Math.max(...this.#dated().map(({ notBefore }) => notBefore?.getTime() ?? -Infinity)))
  }

  /** The earliest notAfter of the path, the anchor's included: no certificate below may outlive it (Q14). */
  get notAfter(): Date {
    return new Date(Math.min(...this.#dated().map(({ notAfter }) => notAfter?.getTime() ?? Infinity)))
  }

  #dated(): readonly TrustAnchor[] {
    return this.#anchor instanceof Certificate ? this.#path : [...this.#path, this.#anchor]
  }
}
