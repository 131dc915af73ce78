import { type Certificate, CertificateError, type CertificateErrorCode } from '@meshid/certificate'
import { SvidError, type SvidErrorCode } from './errors.ts'

/** What each refusal of a certificate means for the SVID; those that are not named are SVID_PATH_INVALID. */
const codes: Partial<Record<CertificateErrorCode, SvidErrorCode>> = {
  CERT_NO_SPIFFE_ID: 'SVID_NO_URI_NAME',
  CERT_MULTIPLE_URI_NAMES: 'SVID_MULTIPLE_URI_NAMES',
  CERT_SPIFFE_ID_INVALID: 'SVID_ID_INVALID',
  CERT_SPIFFE_ID_WITHOUT_PATH: 'SVID_ID_WITHOUT_PATH',
  CERT_LEAF_IS_CA: 'SVID_LEAF_IS_CA',
  CERT_LEAF_CAN_SIGN: 'SVID_LEAF_CAN_SIGN',
  CERT_LEAF_NO_DIGITAL_SIGNATURE: 'SVID_LEAF_NO_DIGITAL_SIGNATURE',
  CERT_SUBJECT_ALT_NAME_NOT_CRITICAL: 'SVID_SUBJECT_ALT_NAME_NOT_CRITICAL',
  CERT_EXPIRED: 'SVID_ISSUER_EXPIRED',
  CERT_NOT_YET_VALID: 'SVID_ISSUER_NOT_YET_VALID',
  CERT_ANCHOR_EXPIRED: 'SVID_AUTHORITY_EXPIRED',
  CERT_ANCHOR_NOT_YET_VALID: 'SVID_AUTHORITY_NOT_YET_VALID',
  CERT_UNKNOWN_ISSUER: 'SVID_UNKNOWN_AUTHORITY',
  CERT_SIGNATURE_INVALID: 'SVID_SIGNATURE_INVALID',
  CERT_EXTENDED_KEY_USAGE_MISMATCH: 'SVID_EXTENDED_KEY_USAGE_MISMATCH',
  CERT_NAME_EXCLUDED: 'SVID_NAME_NOT_PERMITTED',
  CERT_NAME_NOT_PERMITTED: 'SVID_NAME_NOT_PERMITTED',
  CERT_NOT_A_CA: 'SVID_ISSUER_NOT_A_CA',
  CERT_NO_KEY_CERT_SIGN: 'SVID_ISSUER_CANNOT_SIGN',
}

const SECOND_MS = 1000

/** Does something with certificates, and tells in this package's words why they are refused. */
export function judgeCertificates<T>(leaf: Certificate, now: Date | undefined, judge: () => T): T {
  try {
    return judge()
  } catch (cause) {
    if (!(cause instanceof CertificateError)) throw cause
    throw new SvidError(codeOf(cause, leaf, now), `svid: ${cause.message}`, {
      detail: { ...cause.detail, certificate: cause.code, subject: cause.detail['certificate'] ?? '' },
      cause,
    })
  }
}

/** A leaf is renewed by the workload and a CA by somebody else, so their dates have codes of their own. */
function codeOf({ code }: CertificateError, leaf: Certificate, now: Date | undefined): SvidErrorCode {
  const time = now?.getTime() ?? Number.NaN
  if (code === 'CERT_EXPIRED' && time >= leaf.notAfter.getTime() + SECOND_MS) return 'SVID_EXPIRED'
  if (code === 'CERT_NOT_YET_VALID' && time < leaf.notBefore.getTime()) return 'SVID_NOT_YET_VALID'
  return codes[code] ?? 'SVID_PATH_INVALID'
}
