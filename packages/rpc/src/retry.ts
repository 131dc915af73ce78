import type { RpcError, RpcStatus } from './errors.ts'

/**
 * What to expect of the same Certify request sent again. INTERNAL and UNKNOWN count as passing trouble, because that is
 * how a Linkerd controller reports a failing TokenReview and an invalid issuer (Q6), and how some gRPC clients (not this
 * one, which says UNAVAILABLE) report a unix socket that is not there yet. Certify is safe to repeat.
 */
const retryableStatuses = {
  CANCELLED: false,
  UNKNOWN: true,
  INVALID_ARGUMENT: false,
  DEADLINE_EXCEEDED: true,
  NOT_FOUND: false,
  ALREADY_EXISTS: false,
  PERMISSION_DENIED: false,
  RESOURCE_EXHAUSTED: true,
  FAILED_PRECONDITION: false,
  ABORTED: true,
  OUT_OF_RANGE: false,
  UNIMPLEMENTED: false,
  INTERNAL: true,
  UNAVAILABLE: true,
  DATA_LOSS: false,
  UNAUTHENTICATED: false,
} as const satisfies Record<RpcStatus, boolean>

/**
 * Says whether the very same Certify request may succeed later with nothing changed on the caller's side.
 *
 * A message over its size limit never will, although it shares RESOURCE_EXHAUSTED with a server over its quota; one that
 * says how long to wait (`error.retryAfterMs`: wait at least that long) means its quota. A refused token (`false` here)
 * may still be cured by reading the token file again.
 */
export function isRetryable(error: RpcError): boolean {
  const { status, retryAfterMs, message } = error
  if (status === 'RESOURCE_EXHAUSTED' && retryAfterMs === undefined && /\blarger than\b/.test(message)) return false
  return retryableStatuses[status]
}
