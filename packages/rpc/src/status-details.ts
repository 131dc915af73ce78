import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import { anyPack, anyUnpack, durationFromMs, durationMs } from '@bufbuild/protobuf/wkt'
import { RetryInfoSchema } from './generated/google/rpc/error_details_pb.ts'
import { StatusSchema } from './generated/google/rpc/status_pb.ts'

/** The trailer that says more about a status than its number and message. */
export const STATUS_DETAILS_TRAILER = 'grpc-status-details-bin'

/** The longest wait that is taken from a server, 24 hours: a longer one is no advice but an outage. */
export const MAX_RETRY_AFTER_MS: number = 24 * 3_600_000

/** What the trailer repeats of the status, because some clients read nothing else once it is there. */
export interface RetryStatus {
  readonly statusNumber: number
  readonly message: string
}

/** Status and wait → the bytes of the trailer: a `google.rpc.Status` that holds a `google.rpc.RetryInfo`. */
export function encodeRetryInfo({ statusNumber: code, message }: RetryStatus, retryAfterMs: number): Buffer {
  const retryInfo = create(RetryInfoSchema, { retryDelay: durationFromMs(Math.ceil(retryAfterMs)) })
  const status = create(StatusSchema, { code, message, details: [anyPack(RetryInfoSchema, retryInfo)] })
  return Buffer.from(toBinary(StatusSchema, status))
}

/**
 * The bytes of the trailer → the wait in milliseconds, at most {@link MAX_RETRY_AFTER_MS}; undefined when they hold none
 * that makes sense, or speak of another status. It is only advice, so nothing in it is an error.
 */
export function decodeRetryInfo(bytes: Uint8Array, statusNumber: number): number | undefined {
  try {
    const status = fromBinary(StatusSchema, bytes)
    if (status.code !== statusNumber) return undefined
    for (const detail of status.details) {
      const delay = anyUnpack(detail, RetryInfoSchema)?.retryDelay
      if (delay !== undefined) return believable(durationMs(delay))
    }
  } catch {
    // Bytes that are no Status say nothing.
  }
  return undefined
}

function believable(delayMs: number): number | undefined {
  return delayMs >= 0 ? Math.min(Math.ceil(delayMs), MAX_RETRY_AFTER_MS) : undefined
}
