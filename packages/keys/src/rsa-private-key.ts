import { DerReader, Tag, encodeInteger, encodeSequence } from '@meshid/der'
import { KeysError, refusal } from './errors.ts'
import { privateKeyOfRsa, type PrivateKey } from './private-key.ts'
import { readPositive, readRsaPublicKey } from './rsa.ts'

/**
 * Reads an RSAPrivateKey of two primes that is the whole of `der`, and checks that its numbers belong together.
 *
 * Whether the factors are prime is not checked.
 *
 * @throws KeysError `KEYS_PRIVATE_KEY_INVALID`, `KEYS_KEY_MISMATCH`
 * @throws DerError when it is not strict DER
 * @see RFC 8017 appendix A.1.2 and section 3.2
 */
export function readRsaPrivateKey(der: Uint8Array): PrivateKey {
  const reader = new DerReader(der)
  reader.enter(Tag.sequence)
  const version = reader.readSmallInteger()
  if (version !== 0) throw refusal('KEYS_PRIVATE_KEY_INVALID', 'RSA private key', 'version 0', `version ${version}`)
  const numbers = readNumbers(reader)
  reader.leave()
  reader.end()
  const { modulus, publicExponent } = numbers
  const rsaPublicKey = encodeSequence(encodeInteger(modulus), encodeInteger(publicExponent))
  checkSizes(rsaPublicKey)
  checkNumbers(numbers)
  return privateKeyOfRsa(rsaPublicKey, der.slice())
}

interface RsaNumbers {
  readonly modulus: bigint
  readonly publicExponent: bigint
  readonly privateExponent: bigint
  readonly prime1: bigint
  readonly prime2: bigint
  readonly exponent1: bigint
  readonly exponent2: bigint
  readonly coefficient: bigint
}

function readNumbers(reader: DerReader): RsaNumbers {
  return {
    modulus: readPositive(reader),
    publicExponent: readPositive(reader),
    privateExponent: readPositive(reader),
    prime1: readPositive(reader),
    prime2: readPositive(reader),
    exponent1: readPositive(reader),
    exponent2: readPositive(reader),
    coefficient: readPositive(reader),
  }
}

/** The limits of public keys, told as an offence of the private key. */
function checkSizes(rsaPublicKey: Uint8Array): void {
  try {
    readRsaPublicKey(rsaPublicKey)
  } catch (error) {
    if (!(error instanceof KeysError)) throw error
    throw new KeysError('KEYS_PRIVATE_KEY_INVALID', error.message, { detail: error.detail })
  }
}

function checkNumbers(key: RsaNumbers): void {
  const { modulus, publicExponent, privateExponent, prime1, prime2, exponent1, exponent2, coefficient } = key
  const agree =
    prime1 > 1n &&
    prime2 > 1n &&
    prime1 * prime2 === modulus &&
    (publicExponent * privateExponent) % (prime1 - 1n) === 1n &&
    (publicExponent * privateExponent) % (prime2 - 1n) === 1n &&
    exponent1 === privateExponent % (prime1 - 1n) &&
    exponent2 === privateExponent % (prime2 - 1n) &&
    (coefficient * prime2) % prime1 === 1n
  if (!agree) throw refusal('KEYS_KEY_MISMATCH', 'RSA private key', 'numbers that belong together', 'others')
}
