import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import { HealthCheckRequestSchema, HealthCheckResponseSchema } from './generated/grpc/health/v1/health_pb.ts'
import { CertifyRequestSchema, CertifyResponseSchema } from './generated/io/linkerd/proxy/identity/identity_pb.ts'
import { parseTimestamp } from './timestamp.ts'

/** What a workload asks for. The bytes are passed on as they came; nothing about them is checked here. */
export interface CertifyRequest {
  /** The name to be certified: a SPIFFE ID or a Linkerd DNS-form name, by the server's profile. */
  readonly identity: string
  /** The bytes of the caller's token file. */
  readonly token: Uint8Array
  /** A PKCS#10 request, DER. */
  readonly certificateSigningRequest: Uint8Array
}

/** What a workload gets. The certificates are not looked at here: verify them before use. */
export interface CertifyResponse {
  /** The leaf, DER. */
  readonly leafCertificate: Uint8Array
  /** The issuer of the leaf first, then on towards the root; each DER. */
  readonly intermediateCertificates: readonly Uint8Array[]
  /** The leaf's notAfter as the server states it; compare it with the leaf (Q38). */
  readonly validUntil: Date
}

/** Certify's request record → wire bytes. */
export function encodeCertifyRequest(request: CertifyRequest): Buffer {
  return asBuffer(toBinary(CertifyRequestSchema, create(CertifyRequestSchema, request)))
}

/** Wire bytes → Certify's response record; throws RangeError when `valid_until` is missing or no instant. */
export function decodeCertifyResponse(message: Buffer): CertifyResponse {
  const response = fromBinary(CertifyResponseSchema, asPlainBytes(message))
  if (response.validUntil === undefined) throw new RangeError('expected valid_until in the response, found none')
  return Object.freeze({
    leafCertificate: response.leafCertificate,
    intermediateCertificates: Object.freeze(response.intermediateCertificates),
    validUntil: parseTimestamp(response.validUntil),
  })
}

/** The answer to a health check, with the wire's numbers. */
export const healthStatusNumbers = { UNKNOWN: 0, SERVING: 1, NOT_SERVING: 2, SERVICE_UNKNOWN: 3 } as const

/** The name of a health status. */
export type HealthStatus = keyof typeof healthStatusNumbers

/** Full service name → wire bytes. */
export function encodeHealthCheckRequest(service: string): Buffer {
  return asBuffer(toBinary(HealthCheckRequestSchema, create(HealthCheckRequestSchema, { service })))
}

/** Wire bytes → a one-field record: grpc-js takes an empty string for "no message", so it cannot be the bare name. */
export function decodeHealthCheckRequest(message: Buffer): { readonly service: string } {
  return { service: fromBinary(HealthCheckRequestSchema, asPlainBytes(message)).service }
}

/** Health status → wire bytes. */
export function encodeHealthCheckResponse(status: HealthStatus): Buffer {
  const message = create(HealthCheckResponseSchema, { status: healthStatusNumbers[status] })
  return asBuffer(toBinary(HealthCheckResponseSchema, message))
}

/** Wire bytes → health status; a number that the protocol does not define is UNKNOWN. */
export function decodeHealthCheckResponse(message: Buffer): HealthStatus {
  const { status } = fromBinary(HealthCheckResponseSchema, asPlainBytes(message))
  for (const [name, value] of Object.entries(healthStatusNumbers))
    if (value === Number(status)) return name as HealthStatus
  return 'UNKNOWN'
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** A plain view: fields sliced from a Buffer would be Buffers, whose `slice` shares memory. */
function asPlainBytes(message: Buffer): Uint8Array {
  return new Uint8Array(message.buffer, message.byteOffset, message.byteLength)
}
