import type { Certificate } from '../parse/certificate.ts'
import { checkSigner } from './check-signer.ts'
import type { ChainPurpose } from './verified-chain.ts'
import { describeCertificate, evidenceOf } from '../describe-certificate.ts'
import { CertificateError } from '../errors.ts'

/**
 * Checks that the first certificate of a chain may be used for a purpose, by its own word.
 *
 * @throws CertificateError CERT_NOT_A_CA, CERT_NO_KEY_CERT_SIGN, CERT_LEAF_IS_CA, CERT_LEAF_CAN_SIGN,
 *   CERT_KEY_USAGE_MISMATCH
 */
export function checkPurpose(certificate: Certificate, purpose: ChainPurpose): void {
  if (purpose === 'issuer') checkSigner(certificate)
  else checkEndEntity(certificate)
}

/** Checks that a leaf has no powers of a CA, and may sign handshakes if it says what its key is for. */
function checkEndEntity(leaf: Certificate): void {
  checkNoCa(leaf)
  if (leaf.keyUsage?.keyCertSign === true) {
    throw new CertificateError(
      'CERT_LEAF_CAN_SIGN',
      `${describeCertificate(leaf)}: expected a leaf without keyCertSign, found it`,
      { detail: { ...evidenceOf(leaf), found: 'keyCertSign' } },
    )
  }
  if (leaf.keyUsage?.digitalSignature === false) {
    throw new CertificateError(
      'CERT_KEY_USAGE_MISMATCH',
      `${describeCertificate(leaf)}: expected key usage digitalSignature, found key usage without it`,
      { detail: { ...evidenceOf(leaf), expected: 'digitalSignature' } },
    )
  }
}

/** Checks that a leaf is no CA (X509-15). */
export function checkNoCa(leaf: Certificate): void {
  if (leaf.basicConstraints?.ca !== true) return
  throw new CertificateError(
    'CERT_LEAF_IS_CA',
    `${describeCertificate(leaf)}: expected a leaf certificate, found a CA certificate`,
    { detail: { ...evidenceOf(leaf), expected: 'CA:FALSE', found: 'CA:TRUE' } },
  )
}
