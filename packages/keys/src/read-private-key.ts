import { DerReader, Tag, contextTag, oids } from '@meshid/der'
import { refusal, type KeysError } from './errors.ts'
import { ED25519_KEY_BYTES, type EcAlgorithm } from './key-algorithm.ts'
import { privateKeyOfSecret, type PrivateKey } from './private-key.ts'
import { readRsaPrivateKey } from './rsa-private-key.ts'

const PARAMETERS = contextTag(0, { constructed: true })
const EC_PUBLIC_KEY = contextTag(1, { constructed: true })
const ATTRIBUTES = contextTag(0, { constructed: true })
const PUBLIC_KEY = contextTag(1)

/** The forms in which a private key comes, named after what RFC 7468 and OpenSSL write on the BEGIN line. */
export type PrivateKeyForm = 'PRIVATE KEY' | 'EC PRIVATE KEY' | 'RSA PRIVATE KEY' | 'ENCRYPTED PRIVATE KEY'

/** Tells the form of a DER structure by its first elements. */
export function privateKeyFormOf(der: Uint8Array): PrivateKeyForm {
  const reader = new DerReader(der)
  reader.enter(Tag.sequence)
  if (reader.peek() === Tag.sequence) return 'ENCRYPTED PRIVATE KEY'
  reader.readSmallInteger()
  if (reader.peek() === Tag.octetString) return 'EC PRIVATE KEY'
  return reader.peek() === Tag.integer ? 'RSA PRIVATE KEY' : 'PRIVATE KEY'
}

/**
 * Reads a PrivateKeyInfo or a OneAsymmetricKey; attributes are passed over.
 *
 * @see RFC 5208 section 5, RFC 5958 section 2
 */
export function readPkcs8(der: Uint8Array): PrivateKey {
  const reader = new DerReader(der)
  reader.enter(Tag.sequence)
  const version = readVersion(reader, [0, 1])
  reader.enter(Tag.sequence)
  const algorithm = readKeyAlgorithm(reader)
  reader.leave()
  const inner = reader.readOctetString()
  if (reader.peek() === ATTRIBUTES) reader.skip()
  const outerPublic = version === 1 && reader.peek() === PUBLIC_KEY ? reader.readBitString(PUBLIC_KEY).bytes : undefined
  reader.leave()
  reader.end()
  const key = readInner(algorithm, inner)
  if (outerPublic !== undefined) checkPublicPart(key, outerPublic)
  return key
}

function readInner(algorithm: EcAlgorithm | 'Ed25519' | 'RSA', inner: Uint8Array): PrivateKey {
  if (algorithm === 'RSA') return readRsaPrivateKey(inner)
  if (algorithm !== 'Ed25519') return readEcPrivateKey(inner, algorithm)
  const reader = new DerReader(inner)
  const seed = reader.readOctetString()
  reader.end()
  if (seed.length !== ED25519_KEY_BYTES) throw invalid(`a seed of ${ED25519_KEY_BYTES} bytes`, `${seed.length} bytes`)
  return privateKeyOfSecret('Ed25519', new Uint8Array(seed))
}

/**
 * Reads an ECPrivateKey, whose curve may be known from what surrounds it.
 *
 * @see RFC 5915 section 3
 */
export function readEcPrivateKey(der: Uint8Array, surroundingCurve: EcAlgorithm | undefined): PrivateKey {
  const reader = new DerReader(der)
  reader.enter(Tag.sequence)
  readVersion(reader, [1])
  const scalar = reader.readOctetString()
  const curve = readOwnCurve(reader) ?? surroundingCurve
  const publicPart = readOwnPublicPart(reader)
  reader.leave()
  reader.end()
  if (curve === undefined) throw invalid('a named curve', 'none')
  if (surroundingCurve !== undefined && curve !== surroundingCurve) {
    throw refusal('KEYS_KEY_MISMATCH', 'curve of the private key', surroundingCurve, curve)
  }
  const key = privateKeyOfSecret(curve, new Uint8Array(scalar))
  if (publicPart !== undefined) checkPublicPart(key, publicPart)
  return key
}

function readOwnCurve(reader: DerReader): EcAlgorithm | undefined {
  if (reader.peek() !== PARAMETERS) return undefined
  reader.enter(PARAMETERS)
  const curve = readCurve(reader)
  reader.leave()
  return curve
}

function readOwnPublicPart(reader: DerReader): Uint8Array | undefined {
  if (reader.peek() !== EC_PUBLIC_KEY) return undefined
  reader.enter(EC_PUBLIC_KEY)
  const { bytes } = reader.readBitString()
  reader.leave()
  return bytes
}

/** Reads the whole of an `EC PARAMETERS` block. @see RFC 5480 section 2.1.1 */
export function readEcParameters(der: Uint8Array): EcAlgorithm {
  const reader = new DerReader(der)
  const curve = readCurve(reader)
  reader.end()
  return curve
}

function readKeyAlgorithm(reader: DerReader): EcAlgorithm | 'Ed25519' | 'RSA' {
  const oid = reader.readOid()
  if (oid === oids.ecPublicKey) return readCurve(reader)
  if (oid === oids.ed25519) return 'Ed25519'
  if (oid !== oids.rsaEncryption) throw unsupported(oid)
  reader.readNull()
  return 'RSA'
}

function readCurve(reader: DerReader): EcAlgorithm {
  if (reader.peek() === Tag.sequence) throw unsupported('explicit curve parameters')
  const oid = reader.readOid()
  if (oid === oids.prime256v1) return 'P-256'
  if (oid === oids.secp384r1) return 'P-384'
  throw unsupported(oid)
}

function readVersion(reader: DerReader, allowed: readonly number[]): number {
  const version = reader.readSmallInteger()
  if (!allowed.includes(version)) throw invalid(`version ${allowed.join(' or ')}`, `version ${version}`)
  return version
}

function checkPublicPart(key: PrivateKey, found: Uint8Array): void {
  const { raw } = key.publicKey
  if (found.length === raw.length && raw.every((byte, index) => byte === found[index])) return
  const what = found.length === raw.length ? 'another key' : `${found.length} bytes`
  throw refusal('KEYS_KEY_MISMATCH', 'public part of the private key', 'the point of its scalar, uncompressed', what)
}

function unsupported(found: string): KeysError {
  return refusal('KEYS_UNSUPPORTED_ALGORITHM', 'private key', 'P-256, P-384, Ed25519 or RSA', found)
}

function invalid(expected: string, found: string): KeysError {
  return refusal('KEYS_PRIVATE_KEY_INVALID', 'private key', expected, found)
}
