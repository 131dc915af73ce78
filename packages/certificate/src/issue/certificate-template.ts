import type { TrustDomain } from '@meshid/spiffe-id'

/** The key usages that a template may name, as `Certificate.keyUsage` calls them. */
export type TemplateKeyUsage = 'digitalSignature' | 'keyCertSign' | 'crlSign'

/** The extended key usages that a template may name. */
export type TemplateExtendedKeyUsage = 'serverAuth' | 'clientAuth'

/**
 * What a certificate says whatever its key, names and dates are: plain data, made by `rootTemplate`, `intermediateTemplate` and
 * `workloadTemplate`.
 *
 * Basic constraints and key usage are always there and critical; the subject alternative names are critical when the subject is
 * empty. Key identifiers, serial number, validity, key and the names of a workload come when a certificate is issued.
 *
 * @see RFC 5280 section 4.2.1, SPIFFE X509-8, X509-15, X509-17
 */
export interface CertificateTemplate {
  readonly kind: 'root' | 'intermediate' | 'workload'
  /** The one attribute of the subject; `undefined` is an empty subject. */
  readonly commonName: string | undefined
  readonly ca: boolean
  /** How many CAs may stand below this one; `undefined` is no limit, and a leaf has none. */
  readonly pathLength: number | undefined
  readonly keyUsages: readonly TemplateKeyUsage[]
  /** Empty for a CA, which thereby limits nothing (Linkerd Q23). */
  readonly extendedKeyUsages: readonly TemplateExtendedKeyUsage[]
  /** The trust domain whose ID, without a path, a CA carries as its URI name; a leaf has none here. */
  readonly trustDomain: TrustDomain | undefined
}
