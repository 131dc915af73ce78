import { ed25519 } from '@noble/curves/ed25519.js'
import { digest } from './digest.ts'
import { encodeEcdsaSignature } from './ecdsa-signature.ts'
import { nobleCurves } from './noble-curves.ts'
import { nobleVerifier, portableRefusal } from './noble-verifier.ts'
import { secretOf, type PrivateKey } from './private-key.ts'
import { createLocalSigner, type LocalSigner, type SignerOptions } from './signer.ts'
import {
  checkSignatureAlgorithm,
  signatureAlgorithmFor,
  signatureAlgorithms,
  type SignatureAlgorithm,
} from './signature-algorithm.ts'

/**
 * Creates a signer that works on any platform, and lets it prove itself with a trial signature.
 *
 * ECDSA is deterministic (RFC 6979), so no randomness is needed. Noble's arithmetic is not constant-time in a strict
 * sense; where the key of an authority is at stake prefer `createNodeSigner` or a remote signer.
 *
 * @throws KeysError `KEYS_UNSUPPORTED_ALGORITHM` (RSA), `KEYS_ALGORITHM_MISMATCH`
 * @see RFC 6979 section 3.2, RFC 8032 section 5.1.6
 */
export function createNobleSigner(privateKey: PrivateKey, options: SignerOptions = {}): LocalSigner {
  const { algorithm, publicKey } = privateKey
  const signatureAlgorithm = options.signatureAlgorithm ?? signatureAlgorithmFor(algorithm)
  checkSignatureAlgorithm(algorithm, signatureAlgorithm)
  return createLocalSigner(
    { publicKey, signatureAlgorithm },
    signFunction(privateKey, signatureAlgorithm),
    nobleVerifier,
  )
}

function signFunction(privateKey: PrivateKey, signatureAlgorithm: SignatureAlgorithm): LocalSigner['sign'] {
  const { algorithm } = privateKey
  const secret = secretOf(privateKey)
  const hash = signatureAlgorithms[signatureAlgorithm].digest ?? 'sha256'
  if (algorithm === 'RSA') throw portableRefusal('signer')
  if (algorithm === 'Ed25519') return (message) => ed25519.sign(message, secret)
  const curve = nobleCurves[algorithm]
  return (message) => {
    const p1363 = curve.sign(digest(hash, message), secret, { prehash: false, format: 'compact' })
    return encodeEcdsaSignature(p1363, algorithm)
  }
}
