import { writeBundle } from './encode-trust-bundle.ts'
import { refusal } from './errors.ts'
import { TrustBundle } from './trust-bundle.ts'

/** What became of a fetched bundle. */
export interface Replacement {
  /** The one to use from now on. */
  readonly bundle: TrustBundle
  /**
   * - `replaced`: the fetched one is newer, or says nothing of its age; all of it counts, also when it is empty.
   * - `unchanged`: both say the same.
   * - `older`: the fetched one has a lower sequence number, so the present one stays; somebody serves old documents.
   * - `conflict`: both have one sequence number and different contents, so the present one stays; its publisher must
   *   raise the number.
   */
  readonly outcome: 'replaced' | 'unchanged' | 'older' | 'conflict'
}

/**
 * Decides whether a bundle that was fetched takes the place of the present one of the same trust domain. Bundles are
 * replaced as a whole, never merged.
 *
 * @param current the bundle as it was fetched, not one that `pruneExpired` shortened
 * @throws TrustBundleError TRUST_BUNDLE_TRUST_DOMAIN_MISMATCH
 * @see SPIFFE Trust Domain and Bundle section 4.1.1, SPIFFE Federation section 4.2; rules BUNDLE-3, BUNDLE-7 and BUNDLE-12
 */
export function replaceIfNewer(current: TrustBundle, fetched: TrustBundle): Replacement {
  checkSameTrustDomain(current, fetched)
  const [before, after] = [current.sequenceNumber, fetched.sequenceNumber]
  if (before === undefined || after === undefined || after > before) {
    const isSame = before === after && contentsOf(current) === contentsOf(fetched)
    return isSame ? { bundle: current, outcome: 'unchanged' } : { bundle: fetched, outcome: 'replaced' }
  }
  if (after < before) return { bundle: current, outcome: 'older' }
  return { bundle: current, outcome: contentsOf(current) === contentsOf(fetched) ? 'unchanged' : 'conflict' }
}

/** @throws TrustBundleError TRUST_BUNDLE_TRUST_DOMAIN_MISMATCH */
export function checkSameTrustDomain(a: TrustBundle, b: TrustBundle): void {
  TrustBundle.check(a)
  TrustBundle.check(b)
  if (a.trustDomain.equals(b.trustDomain)) return
  throw refusal('TRUST_BUNDLE_TRUST_DOMAIN_MISMATCH', 'trust bundle', a.trustDomain.name, b.trustDomain.name)
}

const contentsOf = (bundle: TrustBundle): string => writeBundle(bundle, bundle.refreshHintMs)
