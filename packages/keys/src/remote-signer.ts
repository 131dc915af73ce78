import { parsePublicKey } from './public-key.ts'
import { proveKey } from './proven-key.ts'
import { checkSignatureAlgorithm, type SignatureAlgorithm } from './signature-algorithm.ts'
import { trialMessage, type SignOptions, type Signer } from './signer.ts'
import type { Verifier } from './verifier.ts'

/** A private key that is kept elsewhere: a key management service, an HSM, WebCrypto. */
export interface RemoteKey {
  /** The SubjectPublicKeyInfo of the key, DER. */
  readonly spki: Uint8Array
  readonly signatureAlgorithm: SignatureAlgorithm
  /**
   * Hashes and signs; the result is in X.509 form, so `r` and `s` as WebCrypto gives them need
   * `encodeEcdsaSignature`.
   */
  sign(message: Uint8Array, options?: SignOptions): Uint8Array | Promise<Uint8Array>
}

/** Options of `createRemoteSigner`. */
export interface RemoteSignerOptions extends SignOptions {
  readonly verifier: Verifier
}

/**
 * Creates a signer whose private key is kept elsewhere, after one trial signature has shown that it belongs to `spki`.
 *
 * Later signatures are handed on as they come; they are not verified again.
 *
 * @throws KeysError `KEYS_SIGNATURE_INVALID`, `KEYS_ALGORITHM_MISMATCH`, and the codes of `parsePublicKey` and of the
 *   verifier
 * @throws whatever `sign` throws, and the reason of `signal`
 */
export async function createRemoteSigner(remoteKey: RemoteKey, options: RemoteSignerOptions): Promise<Signer> {
  const publicKey = parsePublicKey(remoteKey.spki)
  const { signatureAlgorithm } = remoteKey
  const { signal, verifier } = options
  checkSignatureAlgorithm(publicKey.algorithm, signatureAlgorithm)
  const message = trialMessage()
  signal?.throwIfAborted()
  const signature = await remoteKey.sign(message, signal === undefined ? undefined : { signal })
  const key = proveKey({ publicKey, signatureAlgorithm, message, signature }, verifier)
  return Object.freeze({
    key,
    signatureAlgorithm,
    sign: (bytes: Uint8Array, signOptions?: SignOptions) => remoteKey.sign(bytes, signOptions),
  })
}
