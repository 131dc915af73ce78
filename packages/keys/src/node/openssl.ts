import { isEcdsaSignature } from '../ecdsa-signature.ts'
import { type KeysError, refusal } from '../errors.ts'
import { isEcAlgorithm } from '../key-algorithm.ts'
import { checkEd25519Form, checkPoint } from '../point.ts'
import type { PublicKey } from '../public-key.ts'
import { checkSignatureAlgorithm, type SignatureAlgorithm } from '../signature-algorithm.ts'

/** What is looked at before OpenSSL is asked, because its versions are laxer or differ; false is a signature that is none. */
export function isWorthAsking(
  publicKey: PublicKey,
  signatureAlgorithm: SignatureAlgorithm,
  signature: Uint8Array,
): boolean {
  const { algorithm } = publicKey
  checkSignatureAlgorithm(algorithm, signatureAlgorithm)
  if (isEcAlgorithm(algorithm)) return isEcdsaSignature(signature, algorithm)
  // Not left to OpenSSL: its versions differ about the order and the canonical form of an Ed25519 point.
  if (algorithm === 'Ed25519') checkEd25519Form(publicKey.raw)
  return true
}

/** What OpenSSL said; a point that is not on its curve is told apart from a signature that is wrong. */
export function judged(isValid: boolean, publicKey: PublicKey): boolean {
  if (!isValid) checkPoint(publicKey.algorithm, publicKey.raw)
  return isValid
}

/** Why OpenSSL did not take a key; throws if it is for its point. */
export function refusedKey({ algorithm, raw }: PublicKey, cause: unknown): KeysError {
  checkPoint(algorithm, raw)
  return refusal('KEYS_PUBLIC_KEY_INVALID', 'node:crypto', `a usable ${algorithm} key`, 'one that it refused', cause)
}
