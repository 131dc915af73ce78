import type { TrustDomain } from '@meshid/spiffe-id'
import type { CertificateTemplate } from './certificate-template.ts'
import { checkCommonName } from './common-name.ts'
import { checkPathLength } from './path-length.ts'

/** Options of {@link intermediateTemplate}. */
export interface IntermediateTemplateOptions {
  /** Whose SPIFFE ID, without a path, the CA carries as its URI name; without it the CA carries none (X509-9, X509-10). */
  readonly trustDomain?: TrustDomain | undefined
  /** How many further CAs may stand below this one; 0 if left out, so that it signs leaves only. */
  readonly pathLength?: number | undefined
}

/** A template of a CA that another CA signs. */
export interface IntermediateTemplate extends CertificateTemplate {
  readonly kind: 'intermediate'
  readonly ca: true
}

/**
 * The template of an intermediate CA, such as the issuer of a mesh: may sign certificates and CRLs, nothing else.
 *
 * @param commonName 1 to 64 characters
 * @throws CertificateError `CERT_COMMON_NAME_INVALID`
 * @throws RangeError for a path length that is not 0 to 16
 * @see SPIFFE X509-9, X509-10, X509-15, X509-16, X509-17, X509-19, X509-22
 */
export function intermediateTemplate(
  commonName: string,
  options: IntermediateTemplateOptions = {},
): IntermediateTemplate {
  const { trustDomain, pathLength = 0 } = options
  return Object.freeze({
    kind: 'intermediate',
    commonName: checkCommonName(commonName),
    ca: true,
    pathLength: checkPathLength(pathLength),
    keyUsages: Object.freeze(['keyCertSign', 'crlSign'] as const),
    extendedKeyUsages: Object.freeze([]),
    trustDomain,
  })
}
