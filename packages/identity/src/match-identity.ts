import type { WorkloadIdentity } from '@meshid/certificate'
import { IdentityError } from './errors.ts'
import type { RequestedIdentity } from './requested-identity.ts'

/**
 * Checks that a caller asked for its own name, byte for byte.
 *
 * @throws IdentityError IDENTITY_MISMATCH
 */
export function matchIdentity(requested: RequestedIdentity, identity: WorkloadIdentity): void {
  const found = (requested.form === 'spiffe' ? identity.spiffeId : identity.dnsName)?.toString()
  if (found === requested.text) return
  const message = `requested identity: expected ${found}, the one of the token, found ${requested.text}`
  throw new IdentityError('IDENTITY_MISMATCH', message, { detail: { requested: requested.text, found } })
}
