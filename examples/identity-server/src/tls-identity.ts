import type { WorkloadIdentity } from '@meshid/certificate'
import type { Profile } from '@meshid/identity'
import { linkerdName, serviceAccount, spiffeIdOf } from '@meshid/spiffe-id'

/** The account of the identity service where Linkerd installs it. */
export const IDENTITY_SERVICE_ACCOUNT = 'linkerd-identity'

/**
 * What the server calls itself: as the profile calls its service account. Proxies look for that name, in profile `linkerd`
 * `linkerd-identity.<ns>.serviceaccount.identity.<ns>.<trust-domain>`.
 *
 * @throws SpiffeIdError when the names cannot be part of an identity
 */
export function tlsIdentity(
  { names: { spiffe, linkerd } }: Profile,
  { namespace, name = IDENTITY_SERVICE_ACCOUNT }: { readonly namespace: string; readonly name?: string | undefined },
): WorkloadIdentity {
  const account = serviceAccount(namespace, name)
  if (spiffe === undefined) return { dnsName: linkerdName({ ...linkerd, serviceAccount: account }) }
  const spiffeId = spiffeIdOf(account, spiffe)
  if (linkerd === undefined) return { spiffeId }
  return { dnsName: linkerdName({ ...linkerd, serviceAccount: account }), spiffeId }
}
