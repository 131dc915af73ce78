import { fromBinary } from '@bufbuild/protobuf'
import type { CertifyRequest } from './codec.ts'
import { CertifyRequestSchema } from './generated/io/linkerd/proxy/identity/identity_pb.ts'

/** Field number and wire type 2 (length and bytes) of each field. */
const IDENTITY = 0x0a
const TOKEN = 0x12
const CERTIFICATE_SIGNING_REQUEST = 0x1a

/**
 * Wire bytes → Certify's request record; its byte fields are views of the message.
 *
 * Messages as every client sends them (each field once at most, identity in ASCII, nothing else) are read here, because this is
 * done for every call; the library reads all others, and throws what it has to say of bytes that are no message.
 */
export function decodeCertifyRequest(message: Buffer): CertifyRequest {
  return Object.freeze(readPlain(message) ?? readByLibrary(message))
}

function readByLibrary(message: Buffer): CertifyRequest {
  const { identity, token, certificateSigningRequest } = fromBinary(
    CertifyRequestSchema,
    viewOf(message, 0, message.length),
  )
  return { identity, token, certificateSigningRequest }
}

function readPlain(message: Buffer): CertifyRequest | undefined {
  let identity: string | undefined
  let token: Uint8Array | undefined
  let certificateSigningRequest: Uint8Array | undefined
  for (let offset = 0; offset < message.length;) {
    const length = lengthAt(message, offset + 1)
    const start = offset + (length < 128 ? 2 : 3)
    const end = start + length
    if (end > message.length) return undefined
    const tag = message[offset]
    if (tag === IDENTITY && identity === undefined && isAscii(message, start, end)) {
      identity = message.toString('latin1', start, end)
    } else if (tag === TOKEN && token === undefined) {
      token = viewOf(message, start, end)
    } else if (tag === CERTIFICATE_SIGNING_REQUEST && certificateSigningRequest === undefined) {
      certificateSigningRequest = viewOf(message, start, end)
    } else {
      return undefined
    }
    offset = end
  }
  return {
    identity: identity ?? '',
    token: token ?? new Uint8Array(0),
    certificateSigningRequest: certificateSigningRequest ?? new Uint8Array(0),
  }
}

/** A length in one byte, or in two in the shortest way: up to 16383; Infinity for all others and beyond the end. */
function lengthAt(message: Buffer, offset: number): number {
  const low = message[offset] ?? 255
  if (low < 128) return low
  const high = message[offset + 1] ?? 255
  return high > 0 && high < 128 ? high * 128 + low - 128 : Infinity
}

function isAscii(message: Buffer, start: number, end: number): boolean {
  for (let offset = start; offset < end; offset += 1) if ((message[offset] ?? 128) > 127) return false
  return true
}

/** A plain view: a part of a Buffer would be a Buffer, whose `slice` shares memory. */
function viewOf(message: Buffer, start: number, end: number): Uint8Array {
  return new Uint8Array(message.buffer, message.byteOffset + start, end - start)
}
