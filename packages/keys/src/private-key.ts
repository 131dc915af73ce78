import { encodePem } from '@meshid/der'
import { ed25519 } from '@noble/curves/ed25519.js'
import { encodePkcs8 } from './encode-pkcs8.ts'
import { refusal } from './errors.ts'
import { fieldBytes, type EcAlgorithm, type KeyAlgorithm } from './key-algorithm.ts'
import { nobleCurves } from './noble-curves.ts'
import { parsePublicKey, type PublicKey } from './public-key.ts'
import { encodeSpki } from './spki.ts'

/** What stands wherever a secret would. */
const REDACTED = '[redacted]'

/** Only this package makes private keys and reads their secrets. */
let makePrivateKey: (publicKey: PublicKey, secret: Uint8Array) => PrivateKey
let readSecret: (key: PrivateKey) => Uint8Array

/**
 * A private key; `toPkcs8` and `toPkcs8Pem` are the only ways in which its secret comes out.
 *
 * `String()`, `JSON.stringify` and `util.inspect` show the algorithm and `[redacted]`. `parsePrivateKey` and
 * `generatePrivateKey` make one.
 */
export class PrivateKey {
  readonly #publicKey: PublicKey
  readonly #secret: Uint8Array

  private constructor(publicKey: PublicKey, secret: Uint8Array) {
    this.#publicKey = publicKey
    this.#secret = secret
  }

  get algorithm(): KeyAlgorithm {
    return this.#publicKey.algorithm
  }

  get publicKey(): PublicKey {
    return this.#publicKey
  }

  /** The secret: an unencrypted PrivateKeyInfo, DER. @see RFC 5208 section 5, RFC 5915 section 3, RFC 8410 section 7 */
  toPkcs8(): Uint8Array {
    return encodePkcs8(this.algorithm, this.#secret, this.#publicKey.raw)
  }

  /**
   * The secret: an unencrypted PrivateKeyInfo, as a PEM block `PRIVATE KEY` that ends with a line break.
   *
   * @see RFC 7468 section 10
   */
  toPkcs8Pem(): string {
    return encodePem('PRIVATE KEY', this.toPkcs8())
  }

  toString(): string {
    return `PrivateKey(${this.algorithm}, ${REDACTED})`
  }

  toJSON(): string {
    return this.toString()
  }

  static {
    makePrivateKey = (publicKey, secret) => new PrivateKey(publicKey, secret)
    readSecret = (key) => key.#secret
    // What Node, Deno and Bun print.
    const value = function inspect(this: PrivateKey): string {
      return this.toString()
    }
    Object.defineProperty(this.prototype, Symbol.for('nodejs.util.inspect.custom'), { value })
  }
}

/** The scalar, the Ed25519 seed or the RSAPrivateKey of a private key. */
export function secretOf(key: PrivateKey): Uint8Array {
  return readSecret(key)
}

/**
 * A private key of a curve from its scalar (big-endian, as wide as the field) or Ed25519 seed; `secret` is not copied.
 *
 * @throws KeysError `KEYS_PRIVATE_KEY_INVALID` when the width is wrong or the scalar is zero or not below the order
 */
export function privateKeyOfSecret(algorithm: EcAlgorithm | 'Ed25519', secret: Uint8Array): PrivateKey {
  const curve = algorithm === 'Ed25519' ? ed25519 : nobleCurves[algorithm]
  const width = algorithm === 'Ed25519' ? ed25519.lengths.secretKey : fieldBytes[algorithm]
  if (secret.length !== width || !curve.utils.isValidSecretKey(secret)) {
    const found = secret.length === width ? 'a number out of range' : `${secret.length} bytes`
    throw refusal('KEYS_PRIVATE_KEY_INVALID', `private key of ${algorithm}`, `${width} bytes below the order`, found)
  }
  const raw =
    algorithm === 'Ed25519' ? ed25519.getPublicKey(secret) : nobleCurves[algorithm].getPublicKey(secret, false)
  return makePrivateKey(parsePublicKey(encodeSpki(algorithm, raw)), secret)
}

/** An RSA private key from its two parts, which were found to agree. */
export function privateKeyOfRsa(rsaPublicKey: Uint8Array, rsaPrivateKey: Uint8Array): PrivateKey {
  return makePrivateKey(parsePublicKey(encodeSpki('RSA', rsaPublicKey)), rsaPrivateKey)
}
