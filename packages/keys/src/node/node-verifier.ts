import { verify as cryptoVerify } from 'node:crypto'
import { checkPublicKey } from '../check-public-key.ts'
import type { PublicKey } from '../public-key.ts'
import { signatureAlgorithms, type SignatureAlgorithm } from '../signature-algorithm.ts'
import type { Verifier } from '../verifier.ts'
import { nodeSha256 } from './node-digest.ts'
import { isWorthAsking, judged, refusedKey } from './openssl.ts'
import { publicKeyPem } from './public-key-pem.ts'

/**
 * Verifies P-256, P-384, Ed25519 and RSA signatures with node:crypto, as strictly as `nobleVerifier`.
 *
 * The key is handed to OpenSSL afresh each time, because every request brings a new one; nothing is remembered.
 *
 * @see FIPS 186-5 section 6.4.2, RFC 8032 section 5.1.7, RFC 8017 section 8.2.2
 */
export const nodeVerifier: Verifier = Object.freeze({ verify, checkPublicKey, sha256: nodeSha256 })

function verify(
  publicKey: PublicKey,
  signatureAlgorithm: SignatureAlgorithm,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (!isWorthAsking(publicKey, signatureAlgorithm, signature)) return false
  return judged(verifyByOpenssl(publicKey, signatureAlgorithm, message, signature), publicKey)
}

function verifyByOpenssl(
  publicKey: PublicKey,
  signatureAlgorithm: SignatureAlgorithm,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  try {
    return cryptoVerify(signatureAlgorithms[signatureAlgorithm].digest, message, publicKeyPem(publicKey), signature)
  } catch (cause) {
    throw refusedKey(publicKey, cause)
  }
}
