import { DerError, DerReader, Tag, encodeNull, encodeOid, encodeSequence, oids } from '@meshid/der'
import type { DigestAlgorithm } from './digest.ts'
import { refusal, type KeysError } from './errors.ts'
import type { KeyAlgorithm } from './key-algorithm.ts'

/** The signature algorithms of certificates and certificate requests that this package knows. */
export type SignatureAlgorithm =
  | 'ecdsa-sha256'
  | 'ecdsa-sha384'
  | 'ecdsa-sha512'
  | 'ed25519'
  | 'rsa-sha256'
  | 'rsa-sha384'
  | 'rsa-sha512'

/** What a signature algorithm is made of. */
export interface SignatureAlgorithmFacts {
  readonly oid: string
  /** Undefined for Ed25519, which hashes by itself. */
  readonly digest: DigestAlgorithm | undefined
  readonly keyAlgorithms: readonly KeyAlgorithm[]
  /** The whole AlgorithmIdentifier. */
  readonly der: Uint8Array
}

function ecdsa(oid: string, digest: DigestAlgorithm): SignatureAlgorithmFacts {
  return { oid, digest, keyAlgorithms: ['P-256', 'P-384'], der: encodeSequence(encodeOid(oid)) }
}

function rsa(oid: string, digest: DigestAlgorithm): SignatureAlgorithmFacts {
  return { oid, digest, keyAlgorithms: ['RSA'], der: encodeSequence(encodeOid(oid), encodeNull()) }
}

/**
 * OIDs, hashes and encodings of the signature algorithms.
 *
 * @see RFC 5758 section 3.2 (ECDSA), RFC 8410 section 3 (Ed25519), RFC 4055 section 5 (RSA)
 */
export const signatureAlgorithms: Readonly<Record<SignatureAlgorithm, SignatureAlgorithmFacts>> = {
  'ecdsa-sha256': ecdsa(oids.ecdsaWithSha256, 'sha256'),
  'ecdsa-sha384': ecdsa(oids.ecdsaWithSha384, 'sha384'),
  'ecdsa-sha512': ecdsa(oids.ecdsaWithSha512, 'sha512'),
  ed25519: {
    oid: oids.ed25519,
    digest: undefined,
    keyAlgorithms: ['Ed25519'],
    der: encodeSequence(encodeOid(oids.ed25519)),
  },
  'rsa-sha256': rsa(oids.sha256WithRsaEncryption, 'sha256'),
  'rsa-sha384': rsa(oids.sha384WithRsaEncryption, 'sha384'),
  'rsa-sha512': rsa(oids.sha512WithRsaEncryption, 'sha512'),
}

const names: readonly SignatureAlgorithm[] = [
  'ecdsa-sha256',
  'ecdsa-sha384',
  'ecdsa-sha512',
  'ed25519',
  'rsa-sha256',
  'rsa-sha384',
  'rsa-sha512',
]

const naturalAlgorithm: Readonly<Record<KeyAlgorithm, SignatureAlgorithm>> = {
  'P-256': 'ecdsa-sha256',
  'P-384': 'ecdsa-sha384',
  Ed25519: 'ed25519',
  RSA: 'rsa-sha256',
}

/** The signature algorithm that a key of this kind uses unless told otherwise. */
export function signatureAlgorithmFor(algorithm: KeyAlgorithm): SignatureAlgorithm {
  return naturalAlgorithm[algorithm]
}

/** The AlgorithmIdentifier of a signature algorithm as DER. @see RFC 5280 section 4.1.1.2 */
export function encodeSignatureAlgorithm(signatureAlgorithm: SignatureAlgorithm): Uint8Array {
  return signatureAlgorithms[signatureAlgorithm].der.slice()
}

/**
 * Reads one AlgorithmIdentifier: the next element of a reader, or bytes that hold nothing else.
 *
 * Parameters must be absent for ECDSA and Ed25519; for RSA they are NULL or absent.
 *
 * @throws KeysError `KEYS_UNSUPPORTED_ALGORITHM` with the OID in `detail.found`
 * @throws DerError when a reader's next element is not strict DER; bytes give `KEYS_UNSUPPORTED_ALGORITHM` with that
 *   as its cause
 * @see RFC 5280 section 4.1.1.2
 */
export function parseSignatureAlgorithm(source: DerReader | Uint8Array): SignatureAlgorithm {
  if (source instanceof DerReader) return readSignatureAlgorithm(source)
  try {
    const reader = new DerReader(source, { maxBytes: MAX_ALGORITHM_BYTES })
    const algorithm = readSignatureAlgorithm(reader)
    reader.end()
    return algorithm
  } catch (error) {
    if (error instanceof DerError) throw unsupported('bytes that are not strict DER', error)
    throw error
  }
}

/** Longest AlgorithmIdentifier that is looked at; those that we know have at most 15 bytes. */
export const MAX_ALGORITHM_BYTES = 256

function readSignatureAlgorithm(reader: DerReader): SignatureAlgorithm {
  reader.next(Tag.sequence)
  for (const name of names) if (reader.elementEquals(signatureAlgorithms[name].der)) return name
  return readUncommon(reader.element())
}

/** RSA without parameters is the only other form that is accepted (RFC 4055 section 5); all else is told apart here. */
function readUncommon(element: Uint8Array): SignatureAlgorithm {
  const reader = new DerReader(element)
  reader.enter(Tag.sequence)
  const oid = reader.readOid()
  const name = names.find((candidate) => signatureAlgorithms[candidate].oid === oid)
  if (name === undefined) throw unsupported(oid)
  if (!reader.done || !name.startsWith('rsa')) throw unsupported(`${oid} with other parameters`)
  return name
}

function unsupported(found: string, cause?: unknown): KeysError {
  return refusal('KEYS_UNSUPPORTED_ALGORITHM', 'signature algorithm', `one of ${names.join(', ')}`, found, cause)
}

/**
 * Checks that a signature algorithm can be used with a kind of key.
 *
 * @throws KeysError `KEYS_ALGORITHM_MISMATCH`
 */
export function checkSignatureAlgorithm(algorithm: KeyAlgorithm, signatureAlgorithm: SignatureAlgorithm): void {
  const { keyAlgorithms } = signatureAlgorithms[signatureAlgorithm]
  if (keyAlgorithms.includes(algorithm)) return
  throw refusal('KEYS_ALGORITHM_MISMATCH', signatureAlgorithm, `a key of ${keyAlgorithms.join(' or ')}`, algorithm)
}
