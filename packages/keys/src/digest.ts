import { sha256 as nobleSha256, sha384 as nobleSha384, sha512 as nobleSha512 } from '@noble/hashes/sha2.js'

/** The hash functions of the signature algorithms. */
export type DigestAlgorithm = 'sha256' | 'sha384' | 'sha512'

/** Gives the 32 bytes of SHA-256 over its argument. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array

/** The 32 bytes of SHA-256 over `bytes`. @see FIPS 180-4 */
export function sha256(bytes: Uint8Array): Uint8Array {
  return nobleSha256(bytes)
}

const functions: Readonly<Record<DigestAlgorithm, (bytes: Uint8Array) => Uint8Array>> = {
  sha256: nobleSha256,
  sha384: nobleSha384,
  sha512: nobleSha512,
}

/** The digest of `bytes` with the hash function of a signature algorithm. */
export function digest(algorithm: DigestAlgorithm, bytes: Uint8Array): Uint8Array {
  return functions[algorithm](bytes)
}
