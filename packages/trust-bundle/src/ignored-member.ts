import type { TrustBundleError } from './errors.ts'

/** Something of a document that does not count, while the rest does. */
export interface IgnoredMember {
  /** Where it is: a JSON pointer such as `/keys/3`, or `line 7` of PEM. */
  readonly at: string
  /** Why; it was not thrown. */
  readonly error: TrustBundleError
}

/** Told of each member that is ignored, so that none is dropped in silence. */
export type IgnoredObserver = (ignored: IgnoredMember) => void
