import { oidName } from '@meshid/der'
import { describeCertificate, evidenceOf } from '../describe-certificate.ts'
import { CertificateError } from '../errors.ts'
import type { Certificate } from '../parse/certificate.ts'

/**
 * Checks that nothing critical in a certificate stays unprocessed.
 *
 * @throws CertificateError CERT_UNKNOWN_CRITICAL_EXTENSION
 * @see RFC 5280 sections 4.2 and 6.1.4 (o), SPIFFE rule X509-26
 */
export function checkCriticalExtensions(certificate: Certificate): void {
  const { unknownCriticalExtensions } = certificate
  if (unknownCriticalExtensions.length === 0) return
  const found = unknownCriticalExtensions.map((oid) => oidName(oid) ?? oid)
  throw new CertificateError(
    'CERT_UNKNOWN_CRITICAL_EXTENSION',
    `${describeCertificate(certificate)}: expected no critical extension that is not processed, found ${found.join(', ')}`,
    { detail: { ...evidenceOf(certificate), found } },
  )
}
