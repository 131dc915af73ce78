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
  /**
   * Refuses a key under which no signature could ever verify, for whoever has no signature of it at hand: a point that is not on its
   * curve, or of small order. A verifier that cannot say so at once leaves it out.
   *
   * @throws KeysError `KEYS_POINT_INVALID`
   */
  readonly checkPublicKey?: ((publicKey: PublicKey) => void) | undefined
  /** SHA-256, where it is faster than the portable one; for the identifiers of the keys that it proves, and for fingerprints. */
  readonly sha256?: Sha256 | undefined
}

/**
 * Checks signatures elsewhere, such as in other threads, and answers later; trusted exactly as a {@link Verifier} is.
 *
 * Its method has another name, so that it can never stand where an answer at once is expected: there a promise would pass for a yes.
 * The bytes must not change until the answer has come.
 */
export interface AsyncVerifier {
  /** What `Verifier.verify` returns and throws, as a promise. */
  verifyAsync(
    publicKey: PublicKey,
    signatureAlgorithm: SignatureAlgorithm,
    message: Uint8Array,
    signature: Uint8Array,
  ): Promise<boolean>
  readonly sha256?: Sha256 | undefined
}
