import { describeCertificate, evidenceOf } from '../describe-certificate.ts'
import { CertificateError } from '../errors.ts'
import type { Certificate } from '../parse/certificate.ts'

/** Options of {@link checkSigner}. */
export interface CheckSignerOptions {
  /**
   * Whether the CA must have key usage, or may lack it altogether: anchors may, because somebody declared them and roots of
   * `openssl req -x509` do. When there is one, it must say keyCertSign. Required by default.
   */
  readonly keyUsage?: 'required' | 'optional'
}

/**
 * Checks that a certificate may sign others: a CA, with key usage keyCertSign.
 *
 * @throws CertificateError CERT_NOT_A_CA, CERT_NO_KEY_CERT_SIGN
 * @see RFC 5280 section 6.1.4 (k) and (n), SPIFFE rules X509-14 and X509-19
 */
export function checkSigner(certificate: Certificate, options: CheckSignerOptions = {}): void {
  const { basicConstraints, keyUsage } = certificate
  if (basicConstraints?.ca !== true) {
    const found = basicConstraints === undefined ? 'no basic constraints' : 'CA:FALSE'
    throw new CertificateError(
      'CERT_NOT_A_CA',
      `${describeCertificate(certificate)}: expected a CA certificate, found ${found}`,
      { detail: { ...evidenceOf(certificate), expected: 'CA:TRUE', found } },
    )
  }
  if (keyUsage === undefined && options.keyUsage === 'optional') return
  if (keyUsage?.keyCertSign !== true) {
    const found = keyUsage === undefined ? 'no key usage' : 'key usage without it'
    throw new CertificateError(
      'CERT_NO_KEY_CERT_SIGN',
      `${describeCertificate(certificate)}: expected key usage keyCertSign, found ${found}`,
      { detail: { ...evidenceOf(certificate), expected: 'keyCertSign', found } },
    )
  }
}
