import type { PublicKey } from '@meshid/keys'
import { describeCertificate, evidenceOf } from '../describe-certificate.ts'
import { CertificateError } from '../errors.ts'
import type { ConstrainedName } from '../names/constrained-names.ts'
import type { Certificate } from '../parse/certificate.ts'

/** A signature that was verified, or was refused. */
export interface SignatureVerdict {
  readonly certificate: Certificate
  readonly publicKey: PublicKey
  readonly refusal: CertificateError | undefined
}

/** What one search has spent. */
export interface SearchWork {
  candidates: number
  nameComparisons: number
  /** Each pair of certificate and key once, however many paths lead over it. */
  readonly signatures: SignatureVerdict[]
  /** The names that were compared with constraints; none while nothing is constrained. */
  names: Map<Certificate, readonly ConstrainedName[]> | undefined
}

/** Nothing spent. */
export function newSearchWork(): SearchWork {
  return { candidates: 0, nameComparisons: 0, signatures: [], names: undefined }
}

/** The end of a search that costs too much. */
export function searchLimit(certificate: Certificate, what: string, limit: number): CertificateError {
  const message = `${describeCertificate(certificate)}: expected a path within ${limit} ${what}, found none`
  return new CertificateError('CERT_SEARCH_LIMIT', message, { detail: { ...evidenceOf(certificate), what, limit } })
}
