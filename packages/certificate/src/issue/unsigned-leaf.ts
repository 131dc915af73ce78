import { Tag } from '@meshid/der'
import { CertificateError } from '../errors.ts'
import { writeHeaderBefore } from './write-before.ts'

/** Longest signature of an issuer's algorithms: ECDSA with P-384 (RFC 3279 section 2.2.3). */
export const MAX_SIGNATURE_BYTES = 104

/** Bytes of the outermost header at most. */
const HEADER_BYTES = 4

/** Bytes of the signature's BIT STRING before the signature: tag, length, count of unused bits. */
const BIT_STRING_BYTES = 3

/** Bytes that are taken from the memory at once, for a dozen usual leaves: each piece that is taken costs as much as filling it. */
const ROOMS_BYTES = 8192

/** Room for a certificate whose signed part has at most so many bytes: what is written last needs no second buffer. */
export interface LeafRoom {
  /** Has room for other leaves too. */
  readonly bytes: Uint8Array
  /** Where the signed part ends. */
  readonly end: number
}

/** Makes room for one leaf after the other; what a leaf was given belongs to no other. */
export function createLeafRooms(algorithm: Uint8Array): (tbsBytes: number) => LeafRoom {
  let bytes = new Uint8Array()
  let used = 0
  return (tbsBytes) => {
    const length = HEADER_BYTES + tbsBytes + algorithm.length + BIT_STRING_BYTES + MAX_SIGNATURE_BYTES
    if (length > bytes.length - used) {
      bytes = new Uint8Array(Math.max(length, ROOMS_BYTES))
      used = 0
    }
    used += length
    return { bytes, end: used - length + HEADER_BYTES + tbsBytes }
  }
}

/** A leaf whose signed part is written and whose signature is still missing. */
export class UnsignedLeaf {
  readonly #room: LeafRoom
  readonly #start: number
  readonly #algorithm: Uint8Array

  /** @param start where the signed part begins in the room */
  constructor(room: LeafRoom, start: number, algorithm: Uint8Array) {
    this.#room = room
    this.#start = start
    this.#algorithm = algorithm
  }

  /** What is to be signed. */
  get tbs(): Uint8Array {
    return this.#room.bytes.subarray(this.#start, this.#room.end)
  }

  /**
   * Puts algorithm and signature behind the signed part and the header in front of it.
   *
   * @throws CertificateError `CERT_SIGNING_FAILED` for a signature that no algorithm of an issuer makes
   */
  seal(signature: Uint8Array): Uint8Array {
    const { bytes, end } = this.#room
    const { length } = signature
    if (length === 0 || length > MAX_SIGNATURE_BYTES) {
      const expected = `1 to ${MAX_SIGNATURE_BYTES} bytes`
      throw new CertificateError('CERT_SIGNING_FAILED', `signature: expected ${expected}, found ${length}`, {
        detail: { expected, found: length, limit: MAX_SIGNATURE_BYTES },
      })
    }
    bytes.set(this.#algorithm, end)
    const after = end + this.#algorithm.length + BIT_STRING_BYTES
    bytes[after - 3] = Tag.bitString
    bytes[after - 2] = length + 1
    bytes[after - 1] = 0
    bytes.set(signature, after)
    const start = writeHeaderBefore(bytes, this.#start, Tag.sequence, after + length - this.#start)
    return bytes.subarray(start, after + length)
  }
}
