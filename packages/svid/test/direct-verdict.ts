import { parseCertificate } from '@meshid/certificate'
import { nobleVerifier, type Verifier } from '@meshid/keys'
import type { TrustDomain } from '@meshid/spiffe-id'
import { verifySvid } from '@meshid/svid'
import { createDirectVerifier, type DirectSvid } from '@meshid/svid/direct'
import { createTrustBundle, createTrustBundleSet } from '@meshid/trust-bundle'
import { expect } from 'vitest'
import { type Link, now as usualNow, root, trustDomain as usualDomain } from './forge.ts'

/** By what a chain is judged; {@link root} alone, at the usual instant, unless said otherwise. */
export interface DirectTrust {
  readonly authorities?: readonly Uint8Array[]
  readonly trustDomain?: TrustDomain
  readonly now?: Date
  readonly verifier?: Verifier
}

export const dersOf = (links: readonly Link[]): readonly Uint8Array[] => links.map(({ certificate }) => certificate.der)

/**
 * What a direct verifier says, after the promise was held against `verifySvid`: whatever is accepted directly is accepted there
 * too, for both sides of TLS, with the same ID, the same end and the same key.
 */
export function directVerdict(chain: readonly Uint8Array[], trust: DirectTrust = {}): DirectSvid | undefined {
  const { trustDomain = usualDomain, now = usualNow, verifier = nobleVerifier } = trust
  const authorities = trust.authorities ?? dersOf([root])
  const svid = createDirectVerifier({ trustDomain, authorities, verifier }).verify(chain, now)
  if (svid === undefined) return undefined
  const x509Authorities = authorities.map((der) => parseCertificate(der))
  const bundles = createTrustBundleSet([createTrustBundle({ trustDomain, x509Authorities })])
  for (const purpose of ['client', 'server'] as const) {
    const general = verifySvid({ chain, bundles, now, purpose }, { verifier })
    expect(svid.spiffeId.equals(general.spiffeId)).toBe(true)
    expect(svid.notAfter).toEqual(general.notAfter)
    expect(svid.publicKey.spki).toEqual(general.leaf.publicKey.spki)
  }
  return svid
}
