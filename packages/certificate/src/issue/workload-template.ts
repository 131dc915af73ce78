import type { CertificateTemplate } from './certificate-template.ts'
import { checkCommonName } from './common-name.ts'

/** Options of {@link workloadTemplate}. */
export interface WorkloadTemplateOptions {
  /** The subject of every leaf; without it the subject is empty and the names are critical (X509-8). */
  readonly commonName?: string | undefined
}

/** A template of a leaf, which signs nothing but its own handshakes. */
export interface WorkloadTemplate extends CertificateTemplate {
  readonly kind: 'workload'
  readonly ca: false
}

/**
 * The template of a workload's leaf: digitalSignature, for TLS on both sides, never a CA. Nothing in it comes from a request.
 *
 * @throws CertificateError `CERT_COMMON_NAME_INVALID`
 * @see SPIFFE X509-8, X509-15, X509-17, X509-18, X509-21, ISS-3; Linkerd Q5, Q24
 */
export function workloadTemplate(options: WorkloadTemplateOptions = {}): WorkloadTemplate {
  const { commonName } = options
  return Object.freeze({
    kind: 'workload',
    commonName: commonName === undefined ? undefined : checkCommonName(commonName),
    ca: false,
    pathLength: undefined,
    keyUsages: Object.freeze(['digitalSignature'] as const),
    extendedKeyUsages: Object.freeze(['serverAuth', 'clientAuth'] as const),
    trustDomain: undefined,
  })
}
