import { ED25519_KEY_BYTES, type KeyAlgorithm } from './key-algorithm.ts'
import { nobleCurves } from './noble-curves.ts'
import { privateKeyOfSecret, type PrivateKey } from './private-key.ts'

/** Returns `length` bytes that nobody can foresee. */
export type RandomSource = (length: number) => Uint8Array

/** Options of `generatePrivateKey`. */
export interface GeneratePrivateKeyOptions {
  /** By default the platform's `crypto.getRandomValues`; a fixed source makes a fixed key, which is for tests. */
  readonly random?: RandomSource | undefined
}

/**
 * Generates a private key for P-256 (the default), P-384 or Ed25519 on any platform.
 *
 * The scalar is drawn from 16 bytes (P-384: 24 bytes) more than it needs, so that its bias cannot be measured.
 *
 * @throws RangeError when `random` returns another number of bytes
 * @see FIPS 186-5 appendix A.2.1, RFC 8032 section 5.1.5
 */
export function generatePrivateKey(
  algorithm: Exclude<KeyAlgorithm, 'RSA'> = 'P-256',
  options: GeneratePrivateKeyOptions = {},
): PrivateKey {
  const random = options.random ?? platformRandom
  if (algorithm === 'Ed25519') return privateKeyOfSecret(algorithm, new Uint8Array(draw(random, ED25519_KEY_BYTES)))
  const { lengths, utils } = nobleCurves[algorithm]
  return privateKeyOfSecret(algorithm, utils.randomSecretKey(draw(random, lengths.seed ?? SEED_BYTES)))
}

/** Enough for either curve, should noble not say. */
const SEED_BYTES = 72

function draw(random: RandomSource, length: number): Uint8Array {
  const bytes = random(length)
  if (bytes.length !== length) throw new RangeError(`random: expected ${length} bytes, found ${bytes.length}`)
  return bytes
}

function platformRandom(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length))
}
