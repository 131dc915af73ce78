import { WorkloadError } from './errors.ts'
import type { PeerSide } from './peer-chain.ts'

/** What TLS or the system said about a handshake, with its code where it has one. */
export function handshakeFailure(side: PeerSide, cause: unknown): WorkloadError {
  const found = saidBy(cause)
  const message = `peer ${side}: expected a TLS handshake, found ${found}`
  return new WorkloadError('WORKLOAD_PEER_HANDSHAKE_FAILED', message, { detail: { found }, cause })
}

/** The code of a system's or TLS's error, or its name. */
export function saidBy(cause: unknown): string {
  if (!(cause instanceof Error)) return 'an error'
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.name
}
