import { describeCertificate, evidenceOf } from '../describe-certificate.ts'
import { CertificateError } from '../errors.ts'
import type { Certificate } from '../parse/certificate.ts'
import type { ChainPurpose } from './verified-chain.ts'

const bothSides = ['serverAuth', 'clientAuth'] as const

/** The extended key usages that every certificate of a chain must allow, if it has the extension. */
export const requiredUsages: Readonly<Record<ChainPurpose, readonly string[]>> = {
  leaf: bothSides,
  'leaf-client': ['clientAuth'],
  'leaf-server': ['serverAuth'],
  issuer: bothSides,
}

/**
 * Checks that an extended key usage, if there is one, allows a purpose; on a CA it limits what stands below.
 *
 * @throws CertificateError CERT_EXTENDED_KEY_USAGE_MISMATCH
 * @see RFC 5280 section 4.2.1.12, SPIFFE rules X509-21 and X509-22
 */
export function checkExtendedKeyUsage(certificate: Certificate, purpose: ChainPurpose): void {
  const purposes = certificate.extendedKeyUsage?.purposes
  if (purposes === undefined || purposes.includes('anyExtendedKeyUsage')) return
  const expected = requiredUsages[purpose]
  if (expected.every((usage) => purposes.includes(usage))) return
  throw new CertificateError(
    'CERT_EXTENDED_KEY_USAGE_MISMATCH',
    `${describeCertificate(certificate)}: expected extended key usage ${expected.join(' and ')}, found ${purposes.join(', ')}`,
    { detail: { ...evidenceOf(certificate), expected, found: purposes } },
  )
}
