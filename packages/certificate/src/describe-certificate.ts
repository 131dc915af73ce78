import { Certificate } from './parse/certificate.ts'
import type { TrustAnchor } from './path/trusted-key.ts'
import type { CertificateErrorDetail } from './errors.ts'

/** Longest name in an error message; longer ones are cut, because the peer chose them. */
export const MAX_DESCRIBED_CHARACTERS = 200

/** What to call a certificate in one line: its subject, or else its first name, or else its serial number. */
export function describeCertificate(certificate: TrustAnchor): string {
  if (!(certificate instanceof Certificate)) return shorten(certificate.subject.text())
  const { subject, subjectAltNames, serialNumber } = certificate
  const name = subject.isEmpty ? (subjectAltNames?.uris[0] ?? subjectAltNames?.dnsNames[0]) : subject.text()
  return name === undefined ? `certificate ${serialNumber}` : shorten(name)
}

/** Which certificate an error speaks of. */
export function evidenceOf(certificate: TrustAnchor): CertificateErrorDetail {
  const described = { certificate: describeCertificate(certificate) }
  return certificate instanceof Certificate ? { ...described, serialNumber: certificate.serialNumber } : described
}

/** Cuts a name that the peer chose. */
export function shorten(text: string): string {
  return text.length <= MAX_DESCRIBED_CHARACTERS ? text : `${text.slice(0, MAX_DESCRIBED_CHARACTERS)}…`
}
