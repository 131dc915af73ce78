import { describeCertificate, evidenceOf } from '../describe-certificate.ts'
import { CertificateError } from '../errors.ts'
import type { Certificate } from '../parse/certificate.ts'

/**
 * Checks that a serial number is positive. Anchors need not have one: some roots of old have zero.
 *
 * @throws CertificateError CERT_SERIAL_NUMBER_INVALID
 * @see RFC 5280 section 4.1.2.2
 */
export function checkSerialNumber(certificate: Certificate): void {
  const { serialNumberBytes: bytes } = certificate
  if (bytes.length !== 1 || bytes[0] !== 0) return
  const expected = 'a positive serial number'
  const message = `${describeCertificate(certificate)}: expected ${expected}, found zero`
  throw new CertificateError('CERT_SERIAL_NUMBER_INVALID', message, {
    detail: { ...evidenceOf(certificate), expected, found: 'zero' },
  })
}
