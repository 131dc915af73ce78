import { refusal, type KeysError } from './errors.ts'
import { ED25519_KEY_BYTES, fieldBytes, isEcAlgorithm, type EcAlgorithm, type KeyAlgorithm } from './key-algorithm.ts'

/** Primes and coefficients of y² = x³ - 3x + b (SP 800-186 section 3.2.1). */
const curves: Readonly<Record<EcAlgorithm, { readonly prime: bigint; readonly b: bigint }>> = {
  'P-256': {
    prime: 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn,
    b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
  },
  'P-384': {
    prime: 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffffn,
    b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
  },
}

/** -x² + y² = 1 + d·x²·y² over 2²⁵⁵ - 19 (RFC 8032 section 5.1). */
const ed25519 = {
  prime: 0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffedn,
  d: 0x52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3n,
}

const orderEightY = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n

/**
 * The y coordinates of the eight points whose order divides 8; a signature under them proves nothing (RFC 8032
 * section 8).
 */
const smallOrderY: readonly bigint[] = [0n, 1n, ed25519.prime - 1n, orderEightY, ed25519.prime - orderEightY]

/**
 * Checks that a public point, in the form that its algorithm has in an SPKI, lies on its curve and can belong to
 * somebody.
 *
 * Infinity and Ed25519 points of small order or in a non-canonical form are refused. An RSA key has no point and
 * passes.
 *
 * @throws KeysError `KEYS_POINT_INVALID`
 * @see SP 800-56A section 5.6.2.3.3, RFC 8032 section 5.1.3
 */
export function checkPoint(algorithm: KeyAlgorithm, raw: Uint8Array): void {
  if (isEcAlgorithm(algorithm)) checkEcPoint(algorithm, raw)
  else if (algorithm === 'Ed25519') checkEd25519Point(raw)
}

function checkEcPoint(algorithm: EcAlgorithm, raw: Uint8Array): void {
  const { prime, b } = curves[algorithm]
  const width = fieldBytes[algorithm]
  const x = bigEndian(raw, 1, 1 + width)
  const y = bigEndian(raw, 1 + width, 1 + 2 * width)
  if (x >= prime || y >= prime) throw invalidPoint(algorithm, 'a coordinate outside the field')
  if ((y * y - (x * x - 3n) * x - b) % prime !== 0n) throw invalidPoint(algorithm, 'a point that is not on it')
}

/**
 * Checks what some verifiers of Ed25519 leave out: the canonical form, and that the order of the point is not small.
 *
 * @returns the y coordinate
 * @throws KeysError `KEYS_POINT_INVALID`
 */
export function checkEd25519Form(raw: Uint8Array): bigint {
  const bigEndianY = raw.toReversed()
  bigEndianY[0] = (bigEndianY[0] ?? 0) & 0x7f
  const y = bigEndian(bigEndianY, 0, ED25519_KEY_BYTES)
  if (y >= ed25519.prime) throw invalidPoint('Ed25519', 'a coordinate outside the field')
  if (smallOrderY.includes(y)) throw invalidPoint('Ed25519', 'a point of small order')
  return y
}

function checkEd25519Point(raw: Uint8Array): void {
  const { prime, d } = ed25519
  const y = checkEd25519Form(raw)
  // x² = (y² - 1) / (d·y² + 1) has a root when u·v is a square, v being no multiple of the prime (Euler's criterion).
  const u = (y * y - 1n) % prime
  const v = (d * y * y + 1n) % prime
  if (power(u * v, (prime - 1n) / 2n, prime) !== 1n) throw invalidPoint('Ed25519', 'a point that is not on it')
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n
  for (let factor = base % modulus, rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * factor) % modulus
    factor = (factor * factor) % modulus
  }
  return result
}

/** An unsigned number from `bytes[start..end)`, most significant byte first, in steps of eight bytes. */
function bigEndian(bytes: Uint8Array, start: number, end: number): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let value = 0n
  for (let offset = start; offset < end; offset += 8) value = (value << 64n) | view.getBigUint64(offset)
  return value
}

function invalidPoint(algorithm: KeyAlgorithm, found: string): KeysError {
  return refusal('KEYS_POINT_INVALID', 'public key', `a point on ${algorithm}`, found)
}
