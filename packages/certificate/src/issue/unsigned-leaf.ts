import { Tag } from '@meshid/der'
import { CertificateError } from '../errors.ts'
import { HEADER_BYTES, type LeafShape } from './leaf-shape.ts'
import { writeHeaderBefore } from './write-before.ts'

/** Longest signature of an issuer's algorithms: ECDSA with P-384 (RFC 3279 section 2.2.3). */
export const MAX_SIGNATURE_BYTES = 104

/** Bytes that are taken from the memory at once, for a dozen usual leaves: each piece that is taken costs as much as filling it. */
const ROOMS_BYTES = 8192

/** Room for one certificate, signature included: what is written last needs no second buffer. */
export interface LeafRoom {
  /** Has room for other leaves too. */
  readonly bytes: Uint8Array
  /** Where it begins. */
  readonly at: number
}

/** Makes room for one leaf after the other; what a leaf was given belongs to no other. */
export function createLeafRooms(): (shape: LeafShape) => LeafRoom {
  let bytes = new Uint8Array()
  let used = 0
  return (shape) => {
    const length = shape.bytes.length + MAX_SIGNATURE_BYTES
    if (length > bytes.length - used) {
      bytes = new Uint8Array(Math.max(length, ROOMS_BYTES))
      used = 0
    }
    used += length
    return { bytes, at: used - length }
  }
}

/** A leaf whose signed part is written and whose signature is still missing. */
export class UnsignedLeaf {
  readonly #room: LeafRoom
  readonly #shape: LeafShape

  constructor(room: LeafRoom, shape: LeafShape) {
    this.#room = room
    this.#shape = shape
  }

  /** What is to be signed. */
  get tbs(): Uint8Array {
    const { bytes, at } = this.#room
    return bytes.subarray(at + HEADER_BYTES, at + this.#shape.tbsEnd)
  }

  /**
   * Puts the signature behind the signed part and the header in front of it.
   *
   * @throws CertificateError `CERT_SIGNING_FAILED` for a signature that no algorithm of an issuer makes
   */
  seal(signature: Uint8Array): Uint8Array {
    const { bytes, at } = this.#room
    const { length } = signature
    if (length === 0 || length > MAX_SIGNATURE_BYTES) {
      const expected = `1 to ${MAX_SIGNATURE_BYTES} bytes`
      throw new CertificateError('CERT_SIGNING_FAILED', `signature: expected ${expected}, found ${length}`, {
        detail: { expected, found: length, limit: MAX_SIGNATURE_BYTES },
      })
    }
    const after = at + this.#shape.bytes.length
    bytes[after - 2] = length + 1
    bytes.set(signature, after)
    const first = at + HEADER_BYTES
    const start = writeHeaderBefore(bytes, first, Tag.sequence, after + length - first)
    return bytes.subarray(start, after + length)
  }
}
