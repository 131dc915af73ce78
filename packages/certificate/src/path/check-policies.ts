import { describeCertificate, evidenceOf } from '../describe-certificate.ts'
import { CertificateError } from '../errors.ts'
import type { Certificate } from '../parse/certificate.ts'

/**
 * Checks that a certificate does not demand an explicit policy: policies are not compared here, so the demand could not be kept.
 * It counts whether it is critical or not.
 *
 * @throws CertificateError CERT_POLICY_UNSUPPORTED
 * @see RFC 5280 section 4.2.1.11
 */
export function checkPolicies(certificate: Certificate): void {
  const found = certificate.policyConstraints?.requireExplicitPolicy
  if (found === undefined) return
  throw new CertificateError(
    'CERT_POLICY_UNSUPPORTED',
    `${describeCertificate(certificate)}: expected no demand for an explicit policy, found one after ${found} certificates`,
    { detail: { ...evidenceOf(certificate), found } },
  )
}
