import type { TrustAnchors } from '@meshid/certificate'
import type { TrustDomain } from '@meshid/spiffe-id'
import { createTrustBundle, createTrustBundleSet, type TrustBundleSet } from '@meshid/trust-bundle'
import { currentTrustAnchors, type TrustAnchorsOrSource } from './trust-anchor-source.ts'

/** Bundles that may be replaced while the program runs; whoever verifies reads `current` anew each time. */
export interface TrustBundleSource {
  readonly current: TrustBundleSet
}

/** Bundles that stay, or a place where the ones of the moment are found. */
export type TrustBundlesOrSource = TrustBundleSet | TrustBundleSource

/** The bundles of this moment. */
export function currentTrustBundles(bundles: TrustBundlesOrSource): TrustBundleSet {
  return 'current' in bundles ? bundles.current : bundles
}

/**
 * Bundles of one trust domain and no other, made of its anchors: whoever calls this declares that these anchors speak for
 * that trust domain. Follows a source of anchors.
 */
export function trustBundlesOf(trustDomain: TrustDomain, trustAnchors: TrustAnchorsOrSource): TrustBundleSource {
  let anchors: TrustAnchors | undefined
  let bundles = createTrustBundleSet()
  const source = {
    get current(): TrustBundleSet {
      const latest = currentTrustAnchors(trustAnchors)
      if (latest !== anchors) {
        bundles = createTrustBundleSet([createTrustBundle({ trustDomain, x509Authorities: latest.certificates })])
        anchors = latest
      }
      return bundles
    },
  }
  return Object.freeze(source)
}
