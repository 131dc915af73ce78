import type { ReviewedAccount } from '@meshid/token-review'
import type { IdentityErrorCode } from './errors.ts'

/** The steps of a certify request, in their order. */
export type CertifyStep = 'request' | 'csr' | 'review' | 'match' | 'issue'

/** How long each step took that was begun, in milliseconds. */
export type StepDurations = Readonly<Partial<Record<`${CertifyStep}Ms`, number>>>

/**
 * What happens to a certify request. `identity` is what was requested, in printable ASCII and shortened if it is not a
 * valid name (Q7); it belongs to the caller only in `issued`.
 */
export type CertifyEvent =
  /** The request is in order as far as it can be seen from here; its token goes to the authority now. */
  | { readonly type: 'validating'; readonly identity: string }
  | {
      readonly type: 'issued'
      readonly identity: string
      readonly account: ReviewedAccount
      readonly notAfter: Date
      /** Lower-case hexadecimal. */
      readonly serialNumber: string
      /** SHA-256 of the leaf's DER in lower-case hexadecimal; computed when it is read. */
      readonly fingerprint: string
      readonly durations: StepDurations
    }
  | {
      readonly type: 'refused'
      readonly identity: string
      readonly code: IdentityErrorCode
      readonly step: CertifyStep
      /** The message of the error, for people. */
      readonly reason: string
      /** The error that the caller of `certify` gets; its `cause` may be anything. */
      readonly error: Error
      readonly durations: StepDurations
    }
  /** The caller gave up, or its deadline passed. */
  | {
      readonly type: 'aborted'
      readonly identity: string
      readonly step: CertifyStep
      readonly durations: StepDurations
    }

/** Is told of every event, at once. What it throws is dropped: it can never change an outcome. */
export type CertifyObserver = (event: CertifyEvent) => void

/** Tells the observer, whatever it does. */
export function notify(observer: CertifyObserver | undefined, event: CertifyEvent): void {
  try {
    observer?.(Object.freeze(event))
  } catch {
    // An observer only looks on.
  }
}
