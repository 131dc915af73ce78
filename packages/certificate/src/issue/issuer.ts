import type { ProvenKey } from '@meshid/keys'
import type { Certificate } from '../parse/certificate.ts'
import type { IssuedCertificate } from './issued-certificate.ts'
import type { WorkloadIdentity } from './workload-identity.ts'

export type { IssuedCertificate } from './issued-certificate.ts'

/** What an {@link Issuer} is asked for. */
export interface IssueRequest {
  /** Whom the leaf names; decided by the caller from what was authenticated, never taken from a request. */
  readonly identity: WorkloadIdentity
  /** The leaf's key, whose possession was shown. */
  readonly key: ProvenKey
  readonly now: Date
  /** Stops waiting for a remote signer. */
  readonly signal?: AbortSignal | undefined
}

/** A CA that issues workloads' leaves; `createIssuer` makes one from a certificate and a signer after a trial. */
export interface Issuer {
  /** The CA's own certificate. */
  readonly certificate: Certificate
  /** What to send with each leaf, as DER: its issuer first, then upwards; a self-signed root is left out. */
  readonly chain: readonly Uint8Array[]
  /** From when on nothing can be issued: the earliest notAfter of the path, the trust anchor included. */
  readonly notAfter: Date
  /**
   * Signs a leaf for an identity and a proven key.
   *
   * @throws CertificateError `CERT_EXPIRED`, `CERT_NOT_YET_VALID`, `CERT_ANCHOR_EXPIRED`, `CERT_ANCHOR_NOT_YET_VALID`,
   *   `CERT_ISSUER_EXPIRING`, `CERT_SPIFFE_ID_WITHOUT_PATH`, `CERT_SIGNING_FAILED`, `CERT_SELF_CHECK_FAILED`
   * @throws TypeError for an identity or a key that is not of its class, RangeError for an invalid date
   * @throws the reason of `signal`, untouched
   */
  issue(request: IssueRequest): Promise<IssuedCertificate>
}
