import { sha1 } from '@noble/hashes/legacy.js'
import { type Sha256, sha256 } from './digest.ts'
import { rememberedIdentifier, type PublicKey } from './public-key.ts'

/** Bytes of a key identifier by either method. @see RFC 5280 section 4.2.1.2, RFC 7093 section 2 */
export const KEY_IDENTIFIER_BYTES = 20

/**
 * The 20 bytes that name a public key in subjectKeyIdentifier and authorityKeyIdentifier.
 *
 * An identifier helps to find a key; it proves nothing. `sha256` is the leftmost 160 bits of SHA-256 over the
 * subjectPublicKey, and is remembered by the key: do not change these bytes. `sha1` is what older authorities wrote, needed
 * only to find their keys.
 *
 * @see RFC 7093 section 2 method 1, RFC 5280 section 4.2.1.2 method 1
 */
export function keyIdentifier(publicKey: PublicKey, method: 'sha256' | 'sha1' = 'sha256'): Uint8Array {
  return method === 'sha1' ? sha1(publicKey.raw) : rememberedIdentifier(publicKey, leftmost160)
}

function leftmost160(raw: Uint8Array, hash: Sha256 = sha256): Uint8Array {
  return hash(raw).slice(0, KEY_IDENTIFIER_BYTES)
}
