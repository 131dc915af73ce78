import type { Certificate } from './parse/certificate.ts'
import { checkNoCa } from './path/check-purpose.ts'
import { describeCertificate, evidenceOf } from './describe-certificate.ts'
import { CertificateError } from './errors.ts'
import { spiffeIdOfCertificate } from './spiffe-id-of-certificate.ts'

/**
 * Checks that a certificate has the form of an X.509-SVID leaf: one SPIFFE ID with a path, no CA, digitalSignature but
 * neither keyCertSign nor cRLSign, and a critical subject alternative name when the subject is empty.
 *
 * Whether it is genuine is not checked here; see `verifyChain`. A key usage that is not critical is accepted.
 *
 * @throws CertificateError CERT_NO_SPIFFE_ID, CERT_MULTIPLE_URI_NAMES, CERT_SPIFFE_ID_INVALID,
 *   CERT_SPIFFE_ID_WITHOUT_PATH, CERT_LEAF_IS_CA, CERT_LEAF_CAN_SIGN, CERT_LEAF_NO_DIGITAL_SIGNATURE,
 *   CERT_SUBJECT_ALT_NAME_NOT_CRITICAL
 * @see SPIFFE rules X509-1 to X509-8, X509-15, X509-17 and X509-18
 */
export function checkSvidLeaf(leaf: Certificate): void {
  const { keyUsage, subject, subjectAltNames } = leaf
  const id = spiffeIdOfCertificate(leaf)
  if (id.path === '') throw refuse(leaf, 'CERT_SPIFFE_ID_WITHOUT_PATH', 'a SPIFFE ID with a path', String(id))
  checkNoCa(leaf)
  if (keyUsage?.digitalSignature !== true) {
    const found = keyUsage === undefined ? 'no key usage' : 'key usage without it'
    throw refuse(leaf, 'CERT_LEAF_NO_DIGITAL_SIGNATURE', 'key usage digitalSignature', found)
  }
  if (keyUsage.keyCertSign || keyUsage.crlSign) {
    const found = keyUsage.keyCertSign ? 'keyCertSign' : 'cRLSign'
    throw refuse(leaf, 'CERT_LEAF_CAN_SIGN', 'neither keyCertSign nor cRLSign', found)
  }
  if (subject.isEmpty && subjectAltNames?.critical !== true) {
    const found = 'a non-critical one beside an empty subject'
    throw refuse(leaf, 'CERT_SUBJECT_ALT_NAME_NOT_CRITICAL', 'a critical subject alternative name', found)
  }
}

function refuse(
  leaf: Certificate,
  code:
    | 'CERT_SPIFFE_ID_WITHOUT_PATH'
    | 'CERT_LEAF_CAN_SIGN'
    | 'CERT_LEAF_NO_DIGITAL_SIGNATURE'
    | 'CERT_SUBJECT_ALT_NAME_NOT_CRITICAL',
  expected: string,
  found: string,
): CertificateError {
  return new CertificateError(code, `${describeCertificate(leaf)}: expected ${expected}, found ${found}`, {
    detail: { ...evidenceOf(leaf), expected, found },
  })
}
