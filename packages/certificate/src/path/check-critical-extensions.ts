import { oidName, oids } from '@meshid/der'
import type { Certificate } from '../parse/certificate.ts'
import { describeCertificate, evidenceOf } from '../describe-certificate.ts'
import { CertificateError } from '../errors.ts'

/**
 * Checks that nothing critical in a certificate stays unprocessed; name constraints of a CA count even when they are not
 * critical, because to skip them would widen what the CA may sign.
 *
 * @throws CertificateError CERT_NAME_CONSTRAINTS_UNSUPPORTED, CERT_UNKNOWN_CRITICAL_EXTENSION
 * @see RFC 5280 sections 4.2 and 6.1.4 (o), SPIFFE rule X509-23
 */
export function checkCriticalExtensions(certificate: Certificate): void {
  const { basicConstraints, extensions, unknownCriticalExtensions } = certificate
  const isSigner = basicConstraints?.ca === true
  if (isSigner && extensions.some(({ oid }) => oid === oids.nameConstraints)) {
    throw new CertificateError(
      'CERT_NAME_CONSTRAINTS_UNSUPPORTED',
      `${describeCertificate(certificate)}: expected a CA without name constraints, found them`,
      { detail: evidenceOf(certificate) },
    )
  }
  if (unknownCriticalExtensions.length === 0) return
  const found = unknownCriticalExtensions.map((oid) => oidName(oid) ?? oid)
  throw new CertificateError(
    'CERT_UNKNOWN_CRITICAL_EXTENSION',
    `${describeCertificate(certificate)}: expected no critical extension that is not processed, found ${found.join(', ')}`,
    { detail: { ...evidenceOf(certificate), found } },
  )
}
