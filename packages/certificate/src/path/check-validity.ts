import type { TrustAnchor } from './trusted-key.ts'
import { describeCertificate, evidenceOf } from '../describe-certificate.ts'
import { CertificateError } from '../errors.ts'

const SECOND_MS = 1000

/** Options of {@link checkValidity}. */
export interface CheckValidityOptions {
  readonly now: Date
  /** Whether the certificate is the trust anchor of the chain, which gets codes of its own. */
  readonly role?: 'anchor' | 'other'
}

/**
 * Checks that `now` lies in the validity, without leeway (X509-36). Certificates count in whole seconds and both ends are
 * included, so a certificate is valid until its last second is over. A trusted key may have no dates.
 *
 * @throws CertificateError CERT_EXPIRED, CERT_NOT_YET_VALID, CERT_ANCHOR_EXPIRED, CERT_ANCHOR_NOT_YET_VALID
 * @see RFC 5280 section 6.1.3 (a) (2), SPIFFE rule X509-32
 */
export function checkValidity(certificate: TrustAnchor, { now, role = 'other' }: CheckValidityOptions): void {
  const { notBefore, notAfter } = certificate
  const time = now.getTime()
  const isEarly = notBefore !== undefined && time < notBefore.getTime()
  if (!isEarly && (notAfter === undefined || time < notAfter.getTime() + SECOND_MS)) return
  const detail = {
    ...evidenceOf(certificate),
    notBefore: notBefore?.toISOString() ?? 'always',
    notAfter: notAfter?.toISOString() ?? 'for ever',
    now: now.toISOString(),
  }
  const subject = `${role === 'anchor' ? 'trust anchor ' : ''}${describeCertificate(certificate)}`
  if (isEarly) {
    const code = role === 'anchor' ? 'CERT_ANCHOR_NOT_YET_VALID' : 'CERT_NOT_YET_VALID'
    const message = `${subject}: expected a certificate that is valid at ${detail.now}, found one from ${detail.notBefore}`
    throw new CertificateError(code, message, { detail })
  }
  const code = role === 'anchor' ? 'CERT_ANCHOR_EXPIRED' : 'CERT_EXPIRED'
  const message = `${subject}: expected a certificate that is valid at ${detail.now}, found one until ${detail.notAfter}`
  throw new CertificateError(code, message, { detail })
}
