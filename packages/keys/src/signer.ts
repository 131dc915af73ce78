import { proveKey, type ProvenKey } from './proven-key.ts'
import type { PublicKey } from './public-key.ts'
import type { SignatureAlgorithm } from './signature-algorithm.ts'
import type { Verifier } from './verifier.ts'

/** Options of one signature. */
export interface SignOptions {
  /** Stops waiting for a signer that asks somebody else; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Signs messages with one private key, wherever that key is kept.
 *
 * `sign` hashes the message itself and returns the signature in X.509 form: strict DER for ECDSA, 64 bytes for Ed25519.
 */
export interface Signer {
  /** Proven when the signer was created. */
  readonly key: ProvenKey
  readonly signatureAlgorithm: SignatureAlgorithm
  sign(message: Uint8Array, options?: SignOptions): Uint8Array | Promise<Uint8Array>
}

/** A signer that holds its key in this process and answers at once. */
export interface LocalSigner extends Signer {
  sign(message: Uint8Array): Uint8Array
}

/** Options of signers that are created from a `PrivateKey`. */
export interface SignerOptions {
  /** One that fits the key; by default SHA-256 with P-256 and RSA, SHA-384 with P-384. */
  readonly signatureAlgorithm?: SignatureAlgorithm | undefined
}

/** What a new signer signs to prove itself; it is text, so it can never be taken for a certificate or a request. */
export const TRIAL_MESSAGE = 'meshid: this signature only shows that a signer holds its private key'

/** The bytes of the trial message. */
export function trialMessage(): Uint8Array {
  return new TextEncoder().encode(TRIAL_MESSAGE)
}

/** A frozen signer around a function that signs at once, after it has proven itself. */
export function createLocalSigner(
  source: { readonly publicKey: PublicKey; readonly signatureAlgorithm: SignatureAlgorithm },
  sign: (message: Uint8Array) => Uint8Array,
  verifier: Verifier,
): LocalSigner {
  const message = trialMessage()
  const key = proveKey({ ...source, message, signature: sign(message) }, verifier)
  return Object.freeze({ key, signatureAlgorithm: source.signatureAlgorithm, sign })
}
