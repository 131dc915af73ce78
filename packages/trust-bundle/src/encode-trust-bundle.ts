import { encodeBase64 } from './base64.ts'
import { jwkMembersOf } from './jwk.ts'
import { TrustBundle } from './trust-bundle.ts'

/**
 * Writes a bundle as a SPIFFE bundle document, compact JSON: `keys`, then the sequence number and the refresh hint if there
 * are any. What was ignored on reading is not written.
 *
 * @see SPIFFE Trust Domain and Bundle section 4, SPIFFE X509-SVID section 6.1; rules BUNDLE-7, BUNDLE-9, BUNDLE-16,
 *   BUNDLE-19 to BUNDLE-21 and X509-40 to X509-42
 */
export function encodeTrustBundle(bundle: TrustBundle): string {
  TrustBundle.check(bundle)
  return writeBundle(bundle, bundle.refreshHintMs)
}

/** Writes a bundle with another refresh hint, or none. */
export function writeBundle(bundle: TrustBundle, refreshHintMs: number | undefined): string {
  const x509 = bundle.x509Authorities.map(({ der, publicKey }) =>
    JSON.stringify({ ...Object.fromEntries(jwkMembersOf(publicKey)), use: 'x509-svid', x5c: [encodeBase64(der)] }),
  )
  const keys = [...x509, ...bundle.jwtAuthorities.map(({ json }) => json)]
  const members = [
    `"keys":[${keys.join(',')}]`,
    ...(bundle.sequenceNumber === undefined ? [] : [`"spiffe_sequence":${bundle.sequenceNumber}`]),
    ...(refreshHintMs === undefined ? [] : [`"spiffe_refresh_hint":${refreshHintMs / 1000}`]),
  ]
  return `{${members.join(',')}}`
}
