import { LinkerdName, SpiffeId } from '@meshid/spiffe-id'
import { CertificateError } from '../errors.ts'

/**
 * Whom a leaf names: a SPIFFE ID, a Linkerd name, or both, never a string. With both, a mesh can move from one to the other.
 *
 * That the workload is who it says it is must have been decided before; nothing is decided here.
 */
export type WorkloadIdentity =
  | { readonly spiffeId: SpiffeId; readonly dnsName?: LinkerdName | undefined }
  | { readonly spiffeId?: SpiffeId | undefined; readonly dnsName: LinkerdName }

/** The names of a leaf as they are written. */
export interface WorkloadNames {
  readonly dnsName: string | undefined
  readonly uri: string | undefined
}

/**
 * Returns the names of an identity, which is looked at once more at run time.
 *
 * @throws CertificateError `CERT_SPIFFE_ID_WITHOUT_PATH` for the ID of a trust domain (X509-7)
 * @throws TypeError for anything but values that `@meshid/spiffe-id` made
 */
export function namesOf({ spiffeId, dnsName }: WorkloadIdentity): WorkloadNames {
  if (spiffeId === undefined && dnsName === undefined) {
    throw new TypeError('identity: expected a SPIFFE ID, a Linkerd name or both, found neither')
  }
  if (spiffeId !== undefined && !(spiffeId instanceof SpiffeId)) {
    throw new TypeError('identity: expected spiffeId to come from parseSpiffeId or its like')
  }
  if (dnsName !== undefined && !(dnsName instanceof LinkerdName)) {
    throw new TypeError('identity: expected dnsName to come from parseLinkerdName or its like')
  }
  if (spiffeId?.path === '') {
    throw new CertificateError(
      'CERT_SPIFFE_ID_WITHOUT_PATH',
      'identity: expected the SPIFFE ID of a workload, found the one of its trust domain',
      { detail: { expected: 'a path', found: 'none', trustDomain: spiffeId.trustDomain.name } },
    )
  }
  // Called on the classes, so that an object that only borrows their prototype fails here.
  return {
    dnsName: dnsName === undefined ? undefined : LinkerdName.prototype.toString.call(dnsName),
    uri: spiffeId === undefined ? undefined : SpiffeId.prototype.toString.call(spiffeId),
  }
}
