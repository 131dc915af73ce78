import { refusal, type KeysError } from './errors.ts'
import type { KeyAlgorithm } from './key-algorithm.ts'
import { privatePublicKey, type PublicKey } from './public-key.ts'
import type { SignatureAlgorithm } from './signature-algorithm.ts'
import type { AsyncVerifier, Verifier } from './verifier.ts'

/** Only this module mints proven keys. */
let mintProvenKey: (publicKey: PublicKey) => ProvenKey

/**
 * A public key for which somebody showed that they hold the private key.
 *
 * Only `proveKey` makes one, and creating a signer, which proves itself by a trial signature. A look-alike fails
 * where it is used: the fields are readable on real ones only.
 */
export class ProvenKey {
  readonly #publicKey: PublicKey

  private constructor(publicKey: PublicKey) {
    this.#publicKey = publicKey
  }

  /** The key whose possession was shown, over bytes of its own. */
  get publicKey(): PublicKey {
    return this.#publicKey
  }

  get algorithm(): KeyAlgorithm {
    return this.#publicKey.algorithm
  }

  /** The whole SubjectPublicKeyInfo as DER; do not change these bytes. */
  get spki(): Uint8Array {
    return this.#publicKey.spki
  }

  static {
    mintProvenKey = (publicKey) => new ProvenKey(publicKey)
  }
}

/** A message, such as the info of a certification request, and the signature of it by the key that is to be proven. */
export interface ProofOfPossession {
  readonly publicKey: PublicKey
  readonly signatureAlgorithm: SignatureAlgorithm
  readonly message: Uint8Array
  /** In X.509 form: strict DER for ECDSA. */
  readonly signature: Uint8Array
}

/**
 * Verifies that whoever signed `message` holds the private key, and yields the proven key.
 *
 * The proof is as fresh as the message: a recorded message and signature prove the key again. The verifier is trusted.
 *
 * @throws KeysError `KEYS_SIGNATURE_INVALID`, and what the verifier throws: `KEYS_UNSUPPORTED_ALGORITHM`,
 *   `KEYS_ALGORITHM_MISMATCH`,
 *   `KEYS_POINT_INVALID`, `KEYS_PUBLIC_KEY_INVALID`
 * @see RFC 2986 section 3, RFC 4211 section 4.1
 */
export function proveKey(proof: ProofOfPossession, verifier: Verifier): ProvenKey {
  const { signatureAlgorithm, message, signature } = proof
  const publicKey = privatePublicKey(proof.publicKey, verifier.sha256)
  // Unknown, because in JavaScript anything may come back, and a promise would pass for a yes.
  const isValid: unknown = verifier.verify(publicKey, signatureAlgorithm, message, signature)
  if (isValid !== true) throw unproven(publicKey, signatureAlgorithm)
  return mintProvenKey(publicKey)
}

/**
 * `proveKey` with a verifier that answers later; nothing is proven until it has.
 *
 * Rejects with what `proveKey` throws. Message and signature must not change meanwhile.
 */
export async function proveKeyAsync(proof: ProofOfPossession, verifier: AsyncVerifier): Promise<ProvenKey> {
  const { signatureAlgorithm, message, signature } = proof
  const publicKey = privatePublicKey(proof.publicKey, verifier.sha256)
  const isValid: unknown = await verifier.verifyAsync(publicKey, signatureAlgorithm, message, signature)
  if (isValid !== true) throw unproven(publicKey, signatureAlgorithm)
  return mintProvenKey(publicKey)
}

function unproven({ algorithm }: PublicKey, signatureAlgorithm: SignatureAlgorithm): KeysError {
  const expected = `a signature (${signatureAlgorithm}) by the ${algorithm} key`
  return refusal('KEYS_SIGNATURE_INVALID', 'proof of possession', expected, 'one that does not verify')
}
