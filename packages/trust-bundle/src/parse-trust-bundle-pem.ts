import { type Certificate, CertificateError, parseCertificates } from '@meshid/certificate'
import { refusal, type TrustBundleError } from './errors.ts'
import type { ParseTrustBundleOptions } from './parse-trust-bundle.ts'
import { createTrustBundle, type TrustBundle } from './trust-bundle.ts'

/**
 * Reads CA certificates in PEM, such as a mounted `ca-bundle.crt`, as the bundle of a trust domain.
 *
 * Nothing is verified: the file must come from a place that is trusted for this trust domain. Text around blocks is fine,
 * and blocks that are no certificates are told to `onIgnored`. A broken block, a certificate that cannot be read or may
 * not sign others, and a text without any are refused: an operator wrote it, and would not know that something is missing.
 *
 * @throws TrustBundleError TRUST_BUNDLE_TOO_LARGE, TRUST_BUNDLE_PEM_INVALID, TRUST_BUNDLE_NOT_A_CA
 * @see RFC 7468 section 5; SPIFFE rules BUNDLE-22 and X509-35
 */
export function parseTrustBundlePem(pem: string, options: ParseTrustBundleOptions): TrustBundle {
  const { trustDomain } = options
  return createTrustBundle({ trustDomain, x509Authorities: readBlocks(pem, options) })
}

function readBlocks(pem: string, { maxBytes, onIgnored }: ParseTrustBundleOptions): readonly Certificate[] {
  try {
    return parseCertificates(pem, {
      ...(maxBytes === undefined ? {} : { maxBytes }),
      onIgnored: ({ label, line }) => onIgnored?.({ at: `line ${line}`, error: ignoredBlock(label, line) }),
    })
  } catch (cause) {
    if (!(cause instanceof CertificateError)) throw cause
    const code = cause.code === 'CERT_TOO_LARGE' ? 'TRUST_BUNDLE_TOO_LARGE' : 'TRUST_BUNDLE_PEM_INVALID'
    const detail = { ...cause.detail, certificate: cause.code }
    throw refusal(code, 'trust bundle', 'CA certificates in PEM', cause.message, { detail, cause })
  }
}

function ignoredBlock(label: string, line: number): TrustBundleError {
  return refusal('TRUST_BUNDLE_BLOCK_IGNORED', `line ${line}`, 'CERTIFICATE', label, { detail: { line } })
}
