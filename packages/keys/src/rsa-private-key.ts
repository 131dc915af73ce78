import { DerReader, Tag, encodeInteger, encodeSequence } from '@meshid/der'
import { refusal } from './errors.ts'
import { privateKeyOfRsa, type PrivateKey } from './private-key.ts'
import { checkRsaNumbers, readPositive } from './rsa.ts'

const CODE = 'KEYS_PRIVATE_KEY_INVALID'

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
  if (version !== 0) throw refusal(CODE, 'RSA private key', 'version 0', `version ${version}`)
  const numbers = readNumbers(reader)
  reader.leave()
  reader.end()
  const { modulus, publicExponent } = numbers
  const rsaPublicKey = encodeSequence(encodeInteger(modulus), encodeInteger(publicExponent))
  checkRsaNumbers(numbers, CODE)
  checkNumbers(numbers)
  return privateKeyOfRsa(rsaPublicKey, new Uint8Array(der))
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
    modulus: readPositive(reader, CODE),
    publicExponent: readPositive(reader, CODE),
    privateExponent: readPositive(reader, CODE),
    prime1: readPositive(reader, CODE),
    prime2: readPositive(reader, CODE),
    exponent1: readPositive(reader, CODE),
    exponent2: readPositive(reader, CODE),
    coefficient: readPositive(reader, CODE),
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
