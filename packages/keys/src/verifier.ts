import type { Sha256 } from './digest.ts'
import type { PublicKey } from './public-key.ts'
import type { SignatureAlgorithm } from './signature-algorithm.ts'

/**
 * Checks one signature; whoever hands over a `Verifier` decides what counts as proof of possession.
 *
 * `signature` is in X.509 form: strict DER for ECDSA, 64 bytes for Ed25519, modulus-sized for RSA. Returns false for
 * a signature that is wrong or malformed.
 *
 * @throws KeysError `KEYS_UNSUPPORTED_ALGORITHM`, `KEYS_ALGORITHM_MISMATCH`, `KEYS_POINT_INVALID`,
 *   `KEYS_PUBLIC_KEY_INVALID`
 */
export interface Verifier {
  verify(
    publicKey: PublicKey,
    signatureAlgorithm: SignatureAlgorithm,
    message: Uint8Array,
    signature: Uint8Array,
  ): boolean
  /** SHA-256, where it is faster than the portable one; for the identifiers of the keys that it proves, and for fingerprints. */
  readonly sha256?: Sha256 | undefined
}
