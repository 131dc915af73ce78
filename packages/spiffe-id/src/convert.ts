import { SpiffeIdError } from './errors.ts'
import { linkerdName, type LinkerdMesh, type LinkerdName } from './linkerd-name.ts'
import { readServiceAccount, type ServiceAccount } from './service-account.ts'
import { spiffeIdFromSegments } from './build-spiffe-id.ts'
import type { SpiffeId, TrustDomain } from './spiffe-id.ts'

/**
 * Gives the SPIFFE ID of a service account: `spiffe://<trust-domain>/ns/<namespace>/sa/<name>`.
 *
 * Every service account has one, of at most 588 bytes, and never below SPIRE's reserved `/spire/` (ID-38).
 *
 * @see rules ID-23, ID-27; the form that Istio and SPIRE's Kubernetes registrars use too
 */
export const spiffeIdOf = (serviceAccount: ServiceAccount, trustDomain: TrustDomain): SpiffeId =>
  spiffeIdFromSegments(trustDomain, 'ns', serviceAccount.namespace, 'sa', serviceAccount.name)

/**
 * Gives the service account that a SPIFFE ID of the form `/ns/<namespace>/sa/<name>` names.
 *
 * An account is only meaningful together with the trust domain of the ID (ID-37): check that one first.
 *
 * @throws {SpiffeIdError} SPIFFE_ID_NOT_A_SERVICE_ACCOUNT, SPIFFE_ID_NAMESPACE_INVALID, SPIFFE_ID_SERVICE_ACCOUNT_INVALID
 */
export const serviceAccountOf = (id: SpiffeId): ServiceAccount => {
  const [ns, namespace, sa, name, ...rest] = id.segments
  if (ns !== 'ns' || sa !== 'sa' || namespace === undefined || name === undefined || rest.length > 0) {
    const expected = '/ns/<namespace>/sa/<name>'
    const found = id.path === '' ? 'no path' : id.path
    throw new SpiffeIdError('SPIFFE_ID_NOT_A_SERVICE_ACCOUNT', `expected the path ${expected}, found ${found}`, {
      detail: { expected, found },
    })
  }
  const at = id.toString().length - id.path.length + '/ns/'.length
  return readServiceAccount({ namespace, name }, { namespace: at, name: at + namespace.length + '/sa/'.length })
}

/** Gives the SPIFFE ID of the workload that a Linkerd name names, in the trust domain of the name. */
export const spiffeIdOfLinkerdName = (name: LinkerdName): SpiffeId => spiffeIdOf(name.serviceAccount, name.trustDomain)

/**
 * Gives the Linkerd name of the workload that a SPIFFE ID of the form `/ns/<namespace>/sa/<name>` names.
 *
 * @throws {SpiffeIdError} the codes of serviceAccountOf and of linkerdName
 */
export const linkerdNameOf = (id: SpiffeId, mesh: Omit<LinkerdMesh, 'trustDomain'>): LinkerdName =>
  linkerdName({
    serviceAccount: serviceAccountOf(id),
    controlNamespace: mesh.controlNamespace,
    dottedAccounts: mesh.dottedAccounts,
    trustDomain: id.trustDomain,
  })
