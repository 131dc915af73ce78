import { encodeBitString, encodeExplicit, encodeInteger, encodeOctetString, encodeSequence } from '@meshid/der'
import type { KeyAlgorithm } from './key-algorithm.ts'
import { keyAlgorithmIdentifiers } from './spki.ts'

/**
 * The PrivateKeyInfo of a secret, in the form that OpenSSL writes: version 0; the public point inside the
 * ECPrivateKey, not outside.
 *
 * @see RFC 5208 section 5, RFC 5915 section 3, RFC 8410 section 7
 */
export function encodePkcs8(algorithm: KeyAlgorithm, secret: Uint8Array, publicRaw: Uint8Array): Uint8Array {
  return encodeSequence(
    encodeInteger(0),
    keyAlgorithmIdentifiers[algorithm],
    encodeOctetString(encodeInner(algorithm, secret, publicRaw)),
  )
}

function encodeInner(algorithm: KeyAlgorithm, secret: Uint8Array, publicRaw: Uint8Array): Uint8Array {
  if (algorithm === 'RSA') return secret
  if (algorithm === 'Ed25519') return encodeOctetString(secret)
  return encodeSequence(encodeInteger(1), encodeOctetString(secret), encodeExplicit(1, encodeBitString(publicRaw)))
}
