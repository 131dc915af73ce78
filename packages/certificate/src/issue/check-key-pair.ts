import { isSameKey, type Signer } from '@meshid/keys'
import type { Certificate } from '../parse/certificate.ts'
import { describeCertificate, evidenceOf } from '../describe-certificate.ts'
import { CertificateError } from '../errors.ts'
import { publicKeyOf } from './public-key-of.ts'

/**
 * Checks that a signer has the private key of a certificate.
 *
 * @throws CertificateError `CERT_KEY_MISMATCH`
 */
export function checkKeyPair(certificate: Certificate, signer: Signer): void {
  if (isSameKey(publicKeyOf(signer.key), certificate.publicKey)) return
  throw new CertificateError(
    'CERT_KEY_MISMATCH',
    `${describeCertificate(certificate)}: expected the private key of the certificate, found another`,
    { detail: evidenceOf(certificate) },
  )
}
