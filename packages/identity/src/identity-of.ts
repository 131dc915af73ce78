import type { WorkloadIdentity } from '@meshid/certificate'
import {
  type LinkerdMesh,
  type LinkerdName,
  linkerdName,
  type ServiceAccount,
  SpiffeIdError,
  spiffeIdOf,
} from '@meshid/spiffe-id'
import { IdentityError } from './errors.ts'
import type { ProfileNames } from './profile.ts'

/**
 * Names a service account as a profile does.
 *
 * Only as trustworthy as the account: pass one that a token review vouched for.
 *
 * @throws IdentityError IDENTITY_ACCOUNT_UNSUPPORTED: its name is too long for a Linkerd name, or has dots and the mesh
 *   refuses them (Q28)
 */
export function identityOf(serviceAccount: ServiceAccount, { spiffe, linkerd }: ProfileNames): WorkloadIdentity {
  if (spiffe === undefined) return { dnsName: dnsNameOf(serviceAccount, linkerd) }
  const spiffeId = spiffeIdOf(serviceAccount, spiffe)
  return linkerd === undefined ? { spiffeId } : { dnsName: dnsNameOf(serviceAccount, linkerd), spiffeId }
}

function dnsNameOf(serviceAccount: ServiceAccount, mesh: LinkerdMesh): LinkerdName {
  try {
    return linkerdName({ ...mesh, serviceAccount })
  } catch (cause) {
    if (!(cause instanceof SpiffeIdError)) throw cause
    const { username } = serviceAccount
    const message = `account of the token: expected one with a Linkerd name, found ${username}: ${cause.message}`
    throw new IdentityError('IDENTITY_ACCOUNT_UNSUPPORTED', message, {
      detail: { username, causeCode: cause.code },
      cause,
    })
  }
}
