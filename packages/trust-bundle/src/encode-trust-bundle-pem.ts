import { encodeCertificatePem } from '@meshid/certificate'
import { TrustBundle } from './trust-bundle.ts'

/**
 * Writes the X.509 authorities as PEM, one block each, and nothing of the rest; an empty text for a bundle without any.
 *
 * @see RFC 7468 section 5; SPIFFE rule BUNDLE-22
 */
export function encodeTrustBundlePem(bundle: TrustBundle): string {
  TrustBundle.check(bundle)
  return bundle.x509Authorities.map(encodeCertificatePem).join('')
}
