import { oidName } from '@meshid/der'
import { KeysError, type Verifier } from '@meshid/keys'
import { Certificate } from '../parse/certificate.ts'
import type { TrustAnchor } from './trusted-key.ts'
import { describeCertificate, evidenceOf } from '../describe-certificate.ts'
import { CertificateError } from '../errors.ts'
import { bytesToHex } from '../hex.ts'
import { isSameBytes } from '../is-same-bytes.ts'

/** `unknown` when one of them has none. */
export type KeyIdentifierRelation = 'same' | 'unknown' | 'different'

/** What the key identifiers of a certificate and of a candidate for its issuer say about each other; only a hint. */
export function compareKeyIdentifiers(certificate: Certificate, issuer: TrustAnchor): KeyIdentifierRelation {
  const { authorityKeyIdentifier } = certificate
  const subjectKeyIdentifier = subjectKeyIdentifierOf(issuer)
  if (authorityKeyIdentifier === undefined || subjectKeyIdentifier === undefined) return 'unknown'
  return isSameBytes(authorityKeyIdentifier, subjectKeyIdentifier) ? 'same' : 'different'
}

/** A trusted key has a name and no identifier. */
function subjectKeyIdentifierOf(issuer: TrustAnchor): Uint8Array | undefined {
  return issuer instanceof Certificate ? issuer.subjectKeyIdentifier : undefined
}

/**
 * Verifies that the key of `issuer` signed `certificate`; names, times and powers are not looked at.
 *
 * @throws CertificateError CERT_SIGNATURE_INVALID, or CERT_UNKNOWN_ISSUER when the key identifiers also say that another
 *   key signed it, or CERT_UNSUPPORTED_ALGORITHM
 * @see RFC 5280 section 6.1.3 (a) (1)
 */
export function verifyCertificateSignature(certificate: Certificate, issuer: TrustAnchor, verifier: Verifier): void {
  const { signatureAlgorithm, tbs, signature } = certificate
  if (signatureAlgorithm === undefined) throw unsupportedAlgorithm(certificate)
  let cause: unknown
  try {
    if (verifier.verify(issuer.publicKey, signatureAlgorithm, tbs, signature)) return
  } catch (error) {
    if (!(error instanceof KeysError)) throw error
    cause = error
  }
  throw refusalOf(certificate, issuer, cause)
}

function unsupportedAlgorithm(certificate: Certificate): CertificateError {
  const found = oidName(certificate.signatureAlgorithmOid) ?? certificate.signatureAlgorithmOid
  return new CertificateError(
    'CERT_UNSUPPORTED_ALGORITHM',
    `${describeCertificate(certificate)}: expected a supported signature algorithm, found ${found}`,
    { detail: { ...evidenceOf(certificate), found } },
  )
}

function refusalOf(certificate: Certificate, issuer: TrustAnchor, cause: unknown): CertificateError {
  const expected = certificate.authorityKeyIdentifier
  const found = subjectKeyIdentifierOf(issuer)
  const options = {
    detail: {
      ...evidenceOf(certificate),
      issuer: describeCertificate(issuer),
      ...(expected === undefined ? {} : { authorityKeyIdentifier: bytesToHex(expected) }),
      ...(found === undefined ? {} : { issuerKeyIdentifier: bytesToHex(found) }),
      algorithm: certificate.signatureAlgorithm ?? certificate.signatureAlgorithmOid,
      issuerAlgorithm: issuer.publicKey.algorithm,
    },
    ...(cause === undefined ? {} : { cause }),
  }
  const subject = describeCertificate(certificate)
  if (cause instanceof KeysError && cause.code === 'KEYS_UNSUPPORTED_ALGORITHM') {
    return new CertificateError('CERT_UNSUPPORTED_ALGORITHM', `${subject}: ${cause.message}`, options)
  }
  if (compareKeyIdentifiers(certificate, issuer) === 'different') {
    const message = `${subject}: expected the issuer's key ${options.detail.authorityKeyIdentifier}, found ${options.detail.issuerKeyIdentifier}`
    return new CertificateError('CERT_UNKNOWN_ISSUER', message, options)
  }
  const message = `${subject}: expected a signature of ${describeCertificate(issuer)}, found one that does not verify`
  return new CertificateError('CERT_SIGNATURE_INVALID', message, options)
}
