/** What each code of `KeysError` means and what to do next. */
export const keysErrorCodes = {
  KEYS_SIGNATURE_INVALID:
    'The signature does not belong to this message and public key; ask the holder of the private key to sign again.',
  KEYS_SIGNATURE_MALFORMED:
    'The bytes are not an ECDSA signature of this curve in the required encoding; encode it as strict DER, or as r and s of equal width.',
  KEYS_UNSUPPORTED_ALGORITHM:
    'The algorithm or curve is not one that this side handles; use P-256, P-384 or Ed25519, or @meshid/keys/node for RSA.',
  KEYS_ALGORITHM_MISMATCH:
    'The signature algorithm cannot be used with this kind of key; choose one that fits the key.',
  KEYS_PUBLIC_KEY_INVALID:
    'The bytes are not one strict DER SubjectPublicKeyInfo of a usable key; export the public key again from its source.',
  KEYS_POINT_COMPRESSED:
    'The elliptic curve point is compressed, which X.509 profiles do not allow; export the key with an uncompressed point.',
  KEYS_POINT_INVALID:
    'The public point is at infinity, of small order or not on its curve, so nobody can own this key; generate a new key.',
  KEYS_PRIVATE_KEY_INVALID:
    'The input is not one private key in strict PKCS#8, SEC1 or PKCS#1 form; export the private key again from its source.',
  KEYS_KEY_MISMATCH: 'The public part does not belong to the private part; restore both from the same key.',
  KEYS_ENCRYPTED: 'The private key is protected by a passphrase; decrypt it first, for example with `openssl pkey`.',
  KEYS_QUEUE_FULL:
    'More signatures wait for a thread than the limit, so this one was not looked at; ask again later, or give the process more cores.',
} as const

/** The stable reasons of `KeysError`. */
export type KeysErrorCode = keyof typeof keysErrorCodes

/** Facts that are safe to show: names of algorithms, OIDs, labels and sizes, never key bytes. */
export interface KeysErrorDetail {
  readonly expected?: string
  readonly found?: string
  readonly limit?: number
}

/** A key, point, signature or algorithm was refused; `code` says why and `detail` holds what was expected and found. */
export class KeysError extends Error {
  override readonly name = 'KeysError'
  readonly code: KeysErrorCode
  readonly detail: KeysErrorDetail

  constructor(
    code: KeysErrorCode,
    message: string,
    options: { readonly detail?: KeysErrorDetail; readonly cause?: unknown } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.detail = Object.freeze({ ...options.detail })
  }
}

/** An expectation that failed, told in one line. */
export function refusal(
  code: KeysErrorCode,
  what: string,
  expected: string,
  found: string,
  cause?: unknown,
): KeysError {
  return new KeysError(code, `${what}: expected ${expected}, found ${found}`, {
    detail: { expected, found },
    ...(cause === undefined ? {} : { cause }),
  })
}
