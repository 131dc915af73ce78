import { refusal } from './errors.ts'
import { fieldBytes, type EcAlgorithm } from './key-algorithm.ts'

const SEQUENCE = 0x30
const INTEGER = 0x02
/** Every ECDSA signature of P-256 and P-384 fits into a length of one byte. */
const MAX_SHORT_LENGTH = 0x7f

interface ScalarSpans {
  readonly rStart: number
  readonly rEnd: number
  readonly sStart: number
  readonly sEnd: number
}

/**
 * End of a minimal, positive, non-zero INTEGER that starts at `at` and has at most `width` bytes; -1 when it is not
 * one.
 */
function scalarEnd(der: Uint8Array, at: number, width: number): number {
  const length = der[at + 1]
  if (der[at] !== INTEGER || length === undefined || length === 0 || length > width + 1) return -1
  const first = der[at + 2] ?? 0x80
  const second = der[at + 3] ?? 0
  if (first >= 0x80 || (first === 0 && (length === 1 || second < 0x80))) return -1
  if (length === width + 1 && first !== 0) return -1
  const end = at + 2 + length
  return end <= der.length ? end : -1
}

function scan(der: Uint8Array, width: number): ScalarSpans | undefined {
  const length = der[1]
  if (der[0] !== SEQUENCE || length === undefined || length > MAX_SHORT_LENGTH || length + 2 !== der.length)
    return undefined
  const rEnd = scalarEnd(der, 2, width)
  if (rEnd < 0 || scalarEnd(der, rEnd, width) !== der.length) return undefined
  return { rStart: 4, rEnd, sStart: rEnd + 2, sEnd: der.length }
}

/** Says whether the bytes are an ECDSA signature in strict DER; nothing is said about its truth. */
export function isEcdsaSignature(der: Uint8Array, algorithm: EcAlgorithm): boolean {
  return scan(der, fieldBytes[algorithm]) !== undefined
}

function malformed(algorithm: EcAlgorithm, expected: string, found: string): Error {
  return refusal('KEYS_SIGNATURE_MALFORMED', `ECDSA signature of ${algorithm}`, expected, found)
}

/**
 * Turns an ECDSA signature from DER, as X.509 has it, into `r` and `s` of equal width (IEEE P1363), as WebCrypto has
 * it.
 *
 * The signature is not verified here; see `Verifier`. Both numbers are minimal, positive and no wider than the field.
 *
 * @throws KeysError `KEYS_SIGNATURE_MALFORMED`
 * @see RFC 3279 section 2.2.3
 */
export function decodeEcdsaSignature(der: Uint8Array, algorithm: EcAlgorithm): Uint8Array {
  const width = fieldBytes[algorithm]
  const spans = scan(der, width)
  if (spans === undefined)
    throw malformed(algorithm, 'strict DER of two positive integers', `${der.length} other bytes`)
  const p1363 = new Uint8Array(2 * width)
  copyScalar(der, spans.rStart, spans.rEnd, p1363, width)
  copyScalar(der, spans.sStart, spans.sEnd, p1363, 2 * width)
  return p1363
}

/** Copies so that the last byte lands before `end`; a leading zero of the INTEGER falls away with the width. */
function copyScalar(der: Uint8Array, start: number, stop: number, out: Uint8Array, end: number): void {
  const from = der[start] === 0 ? start + 1 : start
  for (let index = from, to = end - (stop - from); index < stop; index++, to++) out[to] = der[index] ?? 0
}

/**
 * Turns an ECDSA signature from `r` and `s` of equal width (IEEE P1363) into DER, as X.509 has it.
 *
 * The signature is not verified here; see `Verifier`. A zero `r` or `s` is refused.
 *
 * @throws KeysError `KEYS_SIGNATURE_MALFORMED`
 * @see RFC 3279 section 2.2.3
 */
export function encodeEcdsaSignature(p1363: Uint8Array, algorithm: EcAlgorithm): Uint8Array {
  const width = fieldBytes[algorithm]
  if (p1363.length !== 2 * width) throw malformed(algorithm, `${2 * width} bytes`, `${p1363.length} bytes`)
  const r = firstNonZero(p1363, 0, width)
  const s = firstNonZero(p1363, width, 2 * width)
  if (r === width || s === 2 * width) throw malformed(algorithm, 'non-zero r and s', 'zero')
  const rLength = width - r + leadingZero(p1363, r)
  const sLength = 2 * width - s + leadingZero(p1363, s)
  const der = new Uint8Array(6 + rLength + sLength)
  der.set([SEQUENCE, 4 + rLength + sLength, INTEGER, rLength])
  der.set(p1363.subarray(r, width), 4 + leadingZero(p1363, r))
  der.set([INTEGER, sLength], 4 + rLength)
  der.set(p1363.subarray(s), 6 + rLength + leadingZero(p1363, s))
  return der
}

function firstNonZero(bytes: Uint8Array, start: number, end: number): number {
  let index = start
  while (index < end && bytes[index] === 0) index++
  return index
}

function leadingZero(bytes: Uint8Array, index: number): 0 | 1 {
  return (bytes[index] ?? 0) >= 0x80 ? 1 : 0
}
