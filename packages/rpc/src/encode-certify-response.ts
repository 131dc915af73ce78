import type { CertifyResponse } from './codec.ts'
import { timestampOf } from './timestamp.ts'

/** Field number and wire type 2 (length and bytes) of each field. */
const LEAF_CERTIFICATE = 0x0a
const INTERMEDIATE_CERTIFICATES = 0x12
const VALID_UNTIL = 0x1a

/** Two tags, ten bytes for a number of 64 bits, five for nanoseconds. */
const MAX_TIMESTAMP_BYTES = 17

/**
 * Certify's response record → wire bytes, the same as the generated message gives. Written by hand into one buffer,
 * because this is the answer to every call.
 *
 * @throws RangeError for a `validUntil` that is no instant of a protobuf Timestamp
 * @see https://protobuf.dev/programming-guides/encoding/
 */
export function encodeCertifyResponse(response: CertifyResponse): Buffer {
  const { leafCertificate: leaf, intermediateCertificates, validUntil } = response
  const until = encodeTimestamp(validUntil)
  let size = fieldSize(until) + (leaf.length === 0 ? 0 : fieldSize(leaf))
  for (const intermediate of intermediateCertificates) size += fieldSize(intermediate)
  const message = Buffer.allocUnsafe(size)
  let offset = leaf.length === 0 ? 0 : writeField(message, 0, LEAF_CERTIFICATE, leaf)
  for (const intermediate of intermediateCertificates) {
    offset = writeField(message, offset, INTERMEDIATE_CERTIFICATES, intermediate)
  }
  writeField(message, offset, VALID_UNTIL, until)
  return message
}

/** Seconds are field 1, nanoseconds field 2; a zero is left out. */
function encodeTimestamp(date: Date): Buffer {
  const { seconds, nanos } = timestampOf(date)
  const bytes = Buffer.allocUnsafe(MAX_TIMESTAMP_BYTES)
  let end = 0
  if (seconds !== 0) {
    bytes[end] = 0x08
    // Before 1970, as two's complement of 64 bits.
    end = writeVarint(bytes, end + 1, seconds < 0 ? BigInt.asUintN(64, BigInt(seconds)) : seconds)
  }
  if (nanos !== 0) {
    bytes[end] = 0x10
    end = writeVarint(bytes, end + 1, nanos)
  }
  return bytes.subarray(0, end)
}

function fieldSize({ length }: Uint8Array): number {
  let size = 2 + length
  for (let rest = length; rest > 127; rest = Math.floor(rest / 128)) size += 1
  return size
}

function writeField(message: Buffer, offset: number, tag: number, bytes: Uint8Array): number {
  message[offset] = tag
  const start = writeVarint(message, offset + 1, bytes.length)
  message.set(bytes, start)
  return start + bytes.length
}

/** Seven bits a byte, the lowest first; gives where the next byte goes. */
function writeVarint(into: Buffer, offset: number, value: number | bigint): number {
  let end = offset
  let rest = value
  if (typeof rest === 'bigint') {
    for (; rest > 127n; rest >>= 7n) into[end++] = Number(rest & 127n) | 128
    into[end++] = Number(rest)
    return end
  }
  for (; rest > 127; rest = Math.floor(rest / 128)) into[end++] = (rest % 128) | 128
  into[end++] = rest
  return end
}
