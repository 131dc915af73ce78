/** The kinds of key that this package knows; RSA keys sign and verify through `@meshid/keys/node` only. */
export type KeyAlgorithm = 'P-256' | 'P-384' | 'Ed25519' | 'RSA'

/** The elliptic curves of ECDSA. */
export type EcAlgorithm = 'P-256' | 'P-384'

/** Bytes of a field element, and so of a private scalar, of `r` and of `s` (RFC 5480 section 2.1.1.1, RFC 5915). */
export const fieldBytes: Readonly<Record<EcAlgorithm, number>> = { 'P-256': 32, 'P-384': 48 }

/** Bytes of an Ed25519 seed, of its public key, and of each half of its signature (RFC 8032 section 5.1.5). */
export const ED25519_KEY_BYTES = 32

/** Says whether keys of this algorithm are points on a NIST curve. */
export function isEcAlgorithm(algorithm: KeyAlgorithm): algorithm is EcAlgorithm {
  return algorithm === 'P-256' || algorithm === 'P-384'
}
