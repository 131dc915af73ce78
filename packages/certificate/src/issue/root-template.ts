import type { TrustDomain } from '@meshid/spiffe-id'
import type { CertificateTemplate } from './certificate-template.ts'
import { checkCommonName } from './common-name.ts'
import { checkPathLength } from './path-length.ts'

/** Options of {@link rootTemplate}. */
export interface RootTemplateOptions {
  /** Whose SPIFFE ID, without a path, the root carries as its URI name; without it the root carries none (X509-9, X509-10). */
  readonly trustDomain?: TrustDomain | undefined
  /** How many intermediates may stand below each other; no limit if left out. */
  readonly pathLength?: number | undefined
}

/** A template that only the root has: nobody but itself signs it. */
export interface RootTemplate extends CertificateTemplate {
  readonly kind: 'root'
  readonly ca: true
}

/**
 * The template of a self-signed root: may sign certificates and CRLs, nothing else.
 *
 * @param commonName 1 to 64 characters
 * @throws CertificateError `CERT_COMMON_NAME_INVALID`
 * @throws RangeError for a path length that is not 0 to 16
 * @see SPIFFE X509-9, X509-10, X509-15, X509-17, X509-19, X509-22
 */
export function rootTemplate(commonName: string, options: RootTemplateOptions = {}): RootTemplate {
  const { trustDomain, pathLength } = options
  return Object.freeze({
    kind: 'root',
    commonName: checkCommonName(commonName),
    ca: true,
    pathLength: pathLength === undefined ? undefined : checkPathLength(pathLength),
    keyUsages: Object.freeze(['keyCertSign', 'crlSign'] as const),
    extendedKeyUsages: Object.freeze([]),
    trustDomain,
  })
}
