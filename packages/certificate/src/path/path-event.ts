import type { CertificateError, CertificateErrorDetail } from '../errors.ts'
import type { Certificate } from '../parse/certificate.ts'
import type { TrustAnchor } from './trusted-key.ts'

/** The place that something has in a path. */
export type PathRole = 'target' | 'intermediate' | 'anchor'

/** The names of the checks, in the words of explanations. */
export type PathCheckName =
  | 'purpose'
  | 'authority'
  | 'extended-key-usage'
  | 'critical-extensions'
  | 'policies'
  | 'serial-number'
  | 'path-length'
  | 'validity'
  | 'signature'
  | 'name-constraints'

/** One check of one link, with what it looked at. */
export interface CheckRecord {
  readonly check: PathCheckName
  /** `not-run` when an earlier check had decided and the work that is left for explanations was spent. */
  readonly verdict: 'passed' | 'refused' | 'not-run'
  /** Dates, names, key identifiers and limits; safe to log. */
  readonly evidence: CertificateErrorDetail
  /** Of a refused check. */
  readonly refusal: CertificateError | undefined
}

/** What happens on the way of a search, in its order: depth first. */
export type PathEvent =
  /** A link was judged above `below` (empty for the certificate in question). The search goes on above it if nothing was refused. */
  | {
      readonly type: 'judged'
      readonly below: readonly Certificate[]
      readonly subject: TrustAnchor
      readonly role: PathRole
      readonly checks: readonly CheckRecord[]
    }
  /** Nobody has the name of the issuer of the last certificate of `below`. */
  | { readonly type: 'no-issuer'; readonly below: readonly Certificate[]; readonly refusal: CertificateError }
  /** The verdict: this path. Without it, the error that is thrown is the verdict. */
  | { readonly type: 'found'; readonly path: readonly Certificate[]; readonly anchor: TrustAnchor }
