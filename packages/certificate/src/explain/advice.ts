import { certificateErrorCodes, type CertificateErrorCode } from '../errors.ts'
import { shorten } from '../describe-certificate.ts'
import { algorithmAdvice } from './bytes-advice.ts'
import { cutDetail } from './explained-certificate.ts'
import type { ExplainedReason } from './explanation.ts'
import type { Advice, Finding } from './finding.ts'
import { signatureAdvice, unknownIssuerAdvice } from './issuer-advice.ts'
import {
  criticalExtensionAdvice,
  extendedKeyUsageAdvice,
  leafIsCaAdvice,
  leafUsageAdvice,
  nameAdvice,
  noKeyCertSignAdvice,
  notCaAdvice,
  pathLengthAdvice,
} from './power-advice.ts'
import { expiredAdvice, expiredAnchorAdvice, notYetValidAdvice } from './time-advice.ts'

type Adviser = (finding: Finding) => Advice | undefined

const advisers: Readonly<Partial<Record<CertificateErrorCode, Adviser>>> = {
  CERT_EXPIRED: expiredAdvice,
  CERT_NOT_YET_VALID: notYetValidAdvice,
  CERT_ANCHOR_EXPIRED: expiredAnchorAdvice,
  CERT_ANCHOR_NOT_YET_VALID: notYetValidAdvice,
  CERT_NOT_A_CA: notCaAdvice,
  CERT_NO_KEY_CERT_SIGN: noKeyCertSignAdvice,
  CERT_LEAF_IS_CA: leafIsCaAdvice,
  CERT_LEAF_CAN_SIGN: leafUsageAdvice,
  CERT_KEY_USAGE_MISMATCH: leafUsageAdvice,
  CERT_EXTENDED_KEY_USAGE_MISMATCH: extendedKeyUsageAdvice,
  CERT_PATH_LENGTH_EXCEEDED: pathLengthAdvice,
  CERT_NAME_EXCLUDED: nameAdvice,
  CERT_NAME_NOT_PERMITTED: nameAdvice,
  CERT_UNKNOWN_CRITICAL_EXTENSION: criticalExtensionAdvice,
  CERT_UNKNOWN_ISSUER: unknownIssuerAdvice,
  CERT_SIGNATURE_INVALID: signatureAdvice,
  CERT_UNSUPPORTED_ALGORITHM: algorithmAdvice,
}

/** What is wrong and what to do, for one finding; the sentence of the code where there is nothing better to say. */
export function adviseOn(finding: Finding): ExplainedReason {
  const { error } = finding
  const advice = advisers[error.code]?.(finding)
  return reasonOf(error, advice ?? { what: `${shorten(error.message)}.`, fix: certificateErrorCodes[error.code] })
}

/** A reason as explanations have it. */
export function reasonOf({ code, detail }: Finding['error'], { what, fix }: Advice): ExplainedReason {
  return Object.freeze({ code, what, fix, detail: cutDetail(detail) })
}
