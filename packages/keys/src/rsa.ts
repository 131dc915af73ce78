import { DerReader, Tag } from '@meshid/der'
import { refusal, type KeysError } from './errors.ts'

/** Shortest RSA modulus that is accepted. @see SP 800-131A revision 2 section 3 */
export const MIN_RSA_MODULUS_BITS = 2048

/** Longest RSA modulus that is accepted: verifying a longer one costs an attacker nothing and us milliseconds. */
export const MAX_RSA_MODULUS_BITS = 8192

/** Longest RSA public exponent that is accepted, as OpenSSL has it for long moduli. */
export const MAX_RSA_EXPONENT_BITS = 64

/** The numbers of an RSAPublicKey. */
export interface RsaPublicNumbers {
  readonly modulus: bigint
  readonly publicExponent: bigint
}

/**
 * Reads an RSAPublicKey that is the whole of `bytes`.
 *
 * @throws KeysError `KEYS_PUBLIC_KEY_INVALID` for sizes out of range or even numbers
 * @throws DerError when it is not strict DER
 * @see RFC 8017 appendix A.1.1
 */
export function readRsaPublicKey(bytes: Uint8Array): RsaPublicNumbers {
  const reader = new DerReader(bytes)
  reader.enter(Tag.sequence)
  const numbers = { modulus: readPositive(reader, CODE), publicExponent: readPositive(reader, CODE) }
  reader.leave()
  reader.end()
  checkRsaNumbers(numbers, CODE)
  return numbers
}

const CODE = 'KEYS_PUBLIC_KEY_INVALID'
type RsaErrorCode = 'KEYS_PUBLIC_KEY_INVALID' | 'KEYS_PRIVATE_KEY_INVALID'

/** Checks the sizes of an RSA public key, wherever its numbers come from. */
export function checkRsaNumbers({ modulus, publicExponent }: RsaPublicNumbers, code: RsaErrorCode): void {
  const bits = modulus.toString(2).length
  const limits = `an odd modulus of ${MIN_RSA_MODULUS_BITS} to ${MAX_RSA_MODULUS_BITS} bits`
  if (bits < MIN_RSA_MODULUS_BITS || bits > MAX_RSA_MODULUS_BITS) throw invalid(code, limits, `${bits} bits`)
  if ((modulus & 1n) === 0n) throw invalid(code, limits, 'an even one')
  const exponentBits = publicExponent.toString(2).length
  if (exponentBits > MAX_RSA_EXPONENT_BITS || publicExponent < 3n || (publicExponent & 1n) === 0n) {
    throw invalid(
      code,
      `an odd exponent from 3 with at most ${MAX_RSA_EXPONENT_BITS} bits`,
      `one of ${exponentBits} bits`,
    )
  }
}

/** The next INTEGER, which must not be negative. */
export function readPositive(reader: DerReader, code: RsaErrorCode): bigint {
  const content = reader.readInteger()
  if ((content[0] ?? 0) >= 0x80) throw invalid(code, 'positive integers', 'a negative one')
  let hex = '0x'
  for (const byte of content) hex += byte.toString(16).padStart(2, '0')
  return BigInt(hex)
}

function invalid(code: RsaErrorCode, expected: string, found: string): KeysError {
  return refusal(code, 'RSA key', expected, found)
}
