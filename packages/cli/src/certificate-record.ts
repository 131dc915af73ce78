import {
  type Certificate,
  CertificateError,
  fingerprint,
  type KeyUsage,
  spiffeIdOfCertificate,
} from '@meshid/certificate'
import { keyIdentifier } from '@meshid/keys'
import { formatHex, formatInstant } from './print.ts'

/** Whether an instant lies in a validity. */
export type ValidityState = 'valid' | 'not-yet-valid' | 'expired'

/** A certificate as `certificate inspect --json` prints it; `null` where it has no such extension. */
export interface CertificateRecord {
  readonly subject: string
  readonly issuer: string
  /** The SPIFFE ID, if there is exactly one URI name and it is one; not proven by this. */
  readonly spiffeId: string | null
  readonly serialNumber: string
  readonly notBefore: string
  readonly notAfter: string
  /** By the dates alone. */
  readonly validity: ValidityState
  readonly publicKey: { readonly algorithm: string; readonly keyId: string }
  /** The name, or the dotted OID of one that is not supported. */
  readonly signatureAlgorithm: string
  readonly basicConstraints: { readonly ca: boolean; readonly pathLength: number | null } | null
  readonly keyUsage: readonly string[] | null
  readonly extendedKeyUsage: readonly string[] | null
  readonly subjectAltNames: Readonly<Record<string, readonly string[]>> | null
  readonly subjectKeyId: string | null
  readonly authorityKeyId: string | null
  readonly unknownCriticalExtensions: readonly string[]
  /** SHA-256 of the DER. */
  readonly fingerprint: string
}

/** The facts of a certificate for programs. Nothing is verified. */
export function certificateRecord(certificate: Certificate, now: Date): CertificateRecord {
  const { subject, issuer, serialNumber, notBefore, notAfter, publicKey, signatureAlgorithm } = certificate
  return {
    subject: subject.text(),
    issuer: issuer.text(),
    spiffeId: spiffeIdOf(certificate),
    serialNumber,
    notBefore: formatInstant(notBefore),
    notAfter: formatInstant(notAfter),
    validity: validityOf(certificate, now),
    publicKey: { algorithm: publicKey.algorithm, keyId: formatHex(keyIdentifier(publicKey)) },
    signatureAlgorithm: signatureAlgorithm ?? certificate.signatureAlgorithmOid,
    ...recordExtensions(certificate),
    unknownCriticalExtensions: certificate.unknownCriticalExtensions,
    fingerprint: fingerprint(certificate),
  }
}

function recordExtensions(certificate: Certificate) {
  const { basicConstraints: constraints, keyUsage, extendedKeyUsage, subjectAltNames: names } = certificate
  const { subjectKeyIdentifier, authorityKeyIdentifier } = certificate
  return {
    basicConstraints: constraints ? { ca: constraints.ca, pathLength: constraints.pathLength ?? null } : null,
    keyUsage: keyUsage ? namesOfUsage(keyUsage) : null,
    extendedKeyUsage: extendedKeyUsage?.purposes ?? null,
    subjectAltNames: names
      ? {
          uris: names.uris,
          dnsNames: names.dnsNames,
          emailAddresses: names.emailAddresses,
          ipAddresses: names.ipAddresses,
        }
      : null,
    subjectKeyId: subjectKeyIdentifier ? formatHex(subjectKeyIdentifier) : null,
    authorityKeyId: authorityKeyIdentifier ? formatHex(authorityKeyIdentifier) : null,
  }
}

function namesOfUsage(usage: KeyUsage): readonly string[] {
  return Object.entries(usage).flatMap(([name, isSet]) => (name !== 'critical' && isSet === true ? [name] : []))
}

/** X.509 counts in seconds, so a certificate is valid until its last second is over. */
function validityOf({ notBefore, notAfter }: Certificate, now: Date): ValidityState {
  if (now < notBefore) return 'not-yet-valid'
  return now.getTime() < notAfter.getTime() + 1000 ? 'valid' : 'expired'
}

function spiffeIdOf(certificate: Certificate): string | null {
  try {
    return spiffeIdOfCertificate(certificate).toString()
  } catch (error) {
    if (error instanceof CertificateError) return null
    throw error
  }
}
