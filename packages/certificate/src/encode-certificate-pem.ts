import { encodePem } from '@meshid/der'
import type { Certificate } from './parse/certificate.ts'

/** The certificate as a PEM block with a final line break; the texts of several can be joined as they are. */
export function encodeCertificatePem(certificate: Certificate): string {
  return encodePem('CERTIFICATE', certificate.der)
}
