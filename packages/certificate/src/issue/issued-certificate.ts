import { contextTag, DerReader, Tag } from '@meshid/der'
import type { Sha256 } from '@meshid/keys'
import { bytesToHex } from '../hex.ts'
import type { EncodedValidity } from './validity-encoder.ts'

/** A leaf that an issuer just signed, with what its log line needs. */
export class IssuedCertificate {
  readonly #der: Uint8Array
  readonly #validity: EncodedValidity
  readonly #sha256: Sha256
  #fingerprint: string | undefined

  /** Not exported by the package: issued certificates come from an `Issuer`. */
  constructor(der: Uint8Array, validity: EncodedValidity, sha256: Sha256) {
    this.#der = der
    this.#validity = validity
    this.#sha256 = sha256
  }

  /** The whole certificate. */
  get der(): Uint8Array {
    return this.#der
  }

  /** The first instant of validity, inclusive. */
  get notBefore(): Date {
    return new Date(this.#validity.notBefore)
  }

  /** The last second of validity, inclusive. */
  get notAfter(): Date {
    return new Date(this.#validity.notAfter)
  }

  /** The serial number in lower-case hexadecimal, without the sign octet. */
  get serialNumber(): string {
    const reader = new DerReader(this.#der)
    reader.enter(Tag.sequence)
    reader.enter(Tag.sequence)
    reader.next(contextTag(0, { constructed: true }))
    const hex = bytesToHex(reader.readInteger())
    return hex.length > 2 && hex.startsWith('00') ? hex.slice(2) : hex
  }

  /** The SHA-256 of the DER in lower-case hexadecimal, 64 digits; computed once, because a log, an event and an audit all name it. */
  fingerprint(): string {
    return (this.#fingerprint ??= bytesToHex(this.#sha256(this.#der)))
  }
}
