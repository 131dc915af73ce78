import { ed25519 } from '@noble/curves/ed25519.js'
import { checkPublicKey } from './check-public-key.ts'
import { digest } from './digest.ts'
import { decodeEcdsaSignature, isEcdsaSignature } from './ecdsa-signature.ts'
import { refusal, type KeysError } from './errors.ts'
import { ED25519_KEY_BYTES, isEcAlgorithm, type EcAlgorithm } from './key-algorithm.ts'
import { nobleCurves } from './noble-curves.ts'
import { checkPoint } from './point.ts'
import type { PublicKey } from './public-key.ts'
import { checkSignatureAlgorithm, signatureAlgorithms, type SignatureAlgorithm } from './signature-algorithm.ts'
import type { Verifier } from './verifier.ts'

/**
 * Verifies P-256, P-384 and Ed25519 signatures on any platform.
 *
 * ECDSA signatures must be strict DER; a high `s` is allowed, as X.509 allows it. Ed25519 follows RFC 8032 and
 * refuses non-canonical numbers. RSA is refused with `KEYS_UNSUPPORTED_ALGORITHM`; see `nodeVerifier` of
 * `@meshid/keys/node`, which is also faster.
 *
 * @see FIPS 186-5 section 6.4.2, RFC 8032 section 5.1.7
 */
export const nobleVerifier: Verifier = Object.freeze({ verify, checkPublicKey })

function verify(
  publicKey: PublicKey,
  signatureAlgorithm: SignatureAlgorithm,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  const { algorithm, raw } = publicKey
  checkSignatureAlgorithm(algorithm, signatureAlgorithm)
  checkPoint(algorithm, raw)
  if (isEcAlgorithm(algorithm)) return verifyEcdsa(algorithm, raw, signatureAlgorithm, message, signature)
  if (algorithm === 'RSA') throw portableRefusal('verifier')
  return signature.length === 2 * ED25519_KEY_BYTES && ed25519.verify(signature, message, raw, { zip215: false })
}

/** RSA is left to node:crypto: noble has none. */
export function portableRefusal(what: 'verifier' | 'signer'): KeysError {
  return refusal('KEYS_UNSUPPORTED_ALGORITHM', `portable ${what}`, 'P-256, P-384 or Ed25519', 'RSA')
}

function verifyEcdsa(
  algorithm: EcAlgorithm,
  raw: Uint8Array,
  signatureAlgorithm: SignatureAlgorithm,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (!isEcdsaSignature(signature, algorithm)) return false
  const hash = digest(signatureAlgorithms[signatureAlgorithm].digest ?? 'sha256', message)
  const p1363 = decodeEcdsaSignature(signature, algorithm)
  return nobleCurves[algorithm].verify(p1363, hash, raw, { prehash: false, lowS: false, format: 'compact' })
}
