import type { PublicKey, SignatureAlgorithm } from '@meshid/keys'
import type { CsrLayout } from './layout.ts'
import { readExtensionOids } from './requested-extensions.ts'
import { type CsrSubject, readSubject } from './subject.ts'
import { type CsrNames, readSubjectAltNames } from './subject-alt-names.ts'

const noNames: CsrNames = Object.freeze({
  dnsNames: Object.freeze([]),
  uris: Object.freeze([]),
  emailAddresses: Object.freeze([]),
  ipAddresses: Object.freeze([]),
  otherNameCount: 0,
})

/** Only `parseCsr` makes parsed requests. */
export let createParsedCsr: (layout: CsrLayout) => ParsedCsr
/** The layout of a real parsed request; a look-alike is a TypeError. */
export let layoutOf: (csr: ParsedCsr) => CsrLayout

/**
 * A PKCS#10 request that is well-formed, and not more: nobody has shown yet that they hold its private key.
 *
 * Everything in it is a wish of whoever sent it. Names are decoded when they are asked for, from the bytes that were parsed.
 *
 * @see RFC 2986 section 4
 */
export class ParsedCsr {
  readonly #layout: CsrLayout
  #subject: CsrSubject | undefined
  #names: CsrNames | undefined

  protected constructor(layout: CsrLayout) {
    this.#layout = layout
  }

  /** The whole request as DER; a copy. */
  get der(): Uint8Array {
    return new Uint8Array(this.#layout.bytes)
  }

  get subject(): CsrSubject {
    return (this.#subject ??= readSubject(this.#layout.bytes, this.#layout.subjectStart))
  }

  get dnsNames(): readonly string[] {
    return this.#subjectAltNames.dnsNames
  }

  get uris(): readonly string[] {
    return this.#subjectAltNames.uris
  }

  get emailAddresses(): readonly string[] {
    return this.#subjectAltNames.emailAddresses
  }

  /** Dotted decimal, or IPv6 in the form of RFC 5952. */
  get ipAddresses(): readonly string[] {
    return this.#subjectAltNames.ipAddresses
  }

  /** How many alternative names are of other types: otherName, directoryName, registeredID, … */
  get otherNameCount(): number {
    return this.#subjectAltNames.otherNameCount
  }

  /** The key to be certified; whether the sender holds its private key, `verifyCsr` tells. Do not change its bytes. */
  get publicKey(): PublicKey {
    return this.#layout.publicKey
  }

  get signatureAlgorithm(): SignatureAlgorithm {
    return this.#layout.signatureAlgorithm
  }

  /**
   * Dotted OIDs of everything that the request asks for, in its order: to be logged or refused, never to be granted.
   *
   * A request may ask to be a CA (`2.5.29.19`) or for key usages (`2.5.29.15`); no part of meshid copies such a wish.
   */
  get requestedExtensions(): readonly string[] {
    const { bytes, offsets } = this.#layout
    return offsets.extensions < 0 ? Object.freeze([]) : readExtensionOids(bytes, offsets.extensions)
  }

  get #subjectAltNames(): CsrNames {
    const { bytes, offsets } = this.#layout
    if (offsets.subjectAltNames < 0) return noNames
    return (this.#names ??= readSubjectAltNames(bytes, offsets.subjectAltNames))
  }

  static {
    createParsedCsr = (layout) => new ParsedCsr(layout)
    layoutOf = (csr) => csr.#layout
  }
}
