import { encodeBitString, encodeNull, encodeOid, encodeSequence, oids } from '@meshid/der'
import { ED25519_KEY_BYTES, fieldBytes, type KeyAlgorithm } from './key-algorithm.ts'

/**
 * Every AlgorithmIdentifier that a public or private key may have here.
 *
 * @see RFC 5480 section 2.1, RFC 8410 section 3, RFC 3279 section 2.3.1
 */
export const keyAlgorithmIdentifiers: Readonly<Record<KeyAlgorithm, Uint8Array>> = {
  'P-256': encodeSequence(encodeOid(oids.ecPublicKey), encodeOid(oids.prime256v1)),
  'P-384': encodeSequence(encodeOid(oids.ecPublicKey), encodeOid(oids.secp384r1)),
  Ed25519: encodeSequence(encodeOid(oids.ed25519)),
  RSA: encodeSequence(encodeOid(oids.rsaEncryption), encodeNull()),
}

/** The SubjectPublicKeyInfo around a subjectPublicKey. @see RFC 5280 section 4.1.2.7 */
export function encodeSpki(algorithm: KeyAlgorithm, raw: Uint8Array): Uint8Array {
  return encodeSequence(keyAlgorithmIdentifiers[algorithm], encodeBitString(raw))
}

/** The first octet of an uncompressed point. @see SEC 1 section 2.3.3 */
export const UNCOMPRESSED = 0x04

/**
 * An SPKI of fixed length: strict DER of it begins with this prefix and has this many bytes, and no other bytes are
 * strict DER of it.
 */
export interface SpkiShape {
  readonly algorithm: KeyAlgorithm
  readonly prefix: Uint8Array
  readonly length: number
  readonly rawStart: number
}

function shape(algorithm: KeyAlgorithm, rawLength: number, fixed: readonly number[]): SpkiShape {
  const raw = new Uint8Array(rawLength)
  raw.set(fixed)
  const spki = encodeSpki(algorithm, raw)
  const rawStart = spki.length - rawLength
  return { algorithm, prefix: spki.slice(0, rawStart + fixed.length), length: spki.length, rawStart }
}

/** P-256 first, because most keys of a mesh are. */
export const spkiShapes: readonly SpkiShape[] = [
  shape('P-256', 1 + 2 * fieldBytes['P-256'], [UNCOMPRESSED]),
  shape('P-384', 1 + 2 * fieldBytes['P-384'], [UNCOMPRESSED]),
  shape('Ed25519', ED25519_KEY_BYTES, []),
]
