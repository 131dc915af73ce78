import { writeBundle } from './encode-trust-bundle.ts'
import type { TrustBundleSet } from './trust-bundle-set.ts'

/**
 * Writes a set as a SPIFFE bundle map, compact JSON; the bundles' refresh hints are left out (BUNDLE-25).
 *
 * @see SPIFFE Trust Domain and Bundle section 5; rules BUNDLE-23 to BUNDLE-25
 */
export function encodeTrustBundleMap(bundles: TrustBundleSet): string {
  const members = [...bundles].map((bundle) => `"${bundle.trustDomain.name}":${writeBundle(bundle, undefined)}`)
  return `{"trust_domains":{${members.join(',')}}}`
}
