import type { TrustDomain } from '@meshid/spiffe-id'
import { refusal } from './errors.ts'
import { TrustBundle } from './trust-bundle.ts'

let mint: (bundles: ReadonlyMap<string, TrustBundle>) => TrustBundleSet

/**
 * Bundles by trust domain, one for each; frozen: changes give another set. It has no way to ask for all authorities at
 * once, because an SVID is judged by those of its own trust domain only (X509-28, BUNDLE-2).
 */
export class TrustBundleSet {
  readonly #bundles: ReadonlyMap<string, TrustBundle>

  private constructor(bundles: ReadonlyMap<string, TrustBundle>) {
    this.#bundles = bundles
    Object.freeze(this)
  }

  static {
    mint = (bundles) => new TrustBundleSet(bundles)
  }

  /** How many trust domains there are. */
  get size(): number {
    return this.#bundles.size
  }

  /** The bundle of a trust domain; `undefined` says that nothing is known of it, an empty one that it is distrusted. */
  get(trustDomain: TrustDomain): TrustBundle | undefined {
    return this.#bundles.get(trustDomain.name)
  }

  /** The set with this bundle in place of all that was known of its trust domain; nothing is merged (BUNDLE-3). */
  with(bundle: TrustBundle): TrustBundleSet {
    TrustBundle.check(bundle)
    return mint(new Map(this.#bundles).set(bundle.trustDomain.name, bundle))
  }

  /** The set without a trust domain: its SVIDs are as unknown as strangers. */
  without(trustDomain: TrustDomain): TrustBundleSet {
    const bundles = new Map(this.#bundles)
    bundles.delete(trustDomain.name)
    return mint(bundles)
  }

  [Symbol.iterator](): IterableIterator<TrustBundle> {
    return this.#bundles.values()
  }
}

/**
 * Puts bundles of different trust domains together.
 *
 * @throws TrustBundleError TRUST_BUNDLE_TRUST_DOMAIN_DUPLICATE
 * @see SPIFFE rules BUNDLE-1, BUNDLE-3 and BUNDLE-24
 */
export function createTrustBundleSet(bundles: Iterable<TrustBundle> = []): TrustBundleSet {
  const byName = new Map<string, TrustBundle>()
  for (const bundle of bundles) {
    TrustBundle.check(bundle)
    const { name } = bundle.trustDomain
    if (byName.has(name))
      throw refusal('TRUST_BUNDLE_TRUST_DOMAIN_DUPLICATE', 'bundles', 'one for each', `two of ${name}`)
    byName.set(name, bundle)
  }
  return mint(byName)
}
