import {
  constants,
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  type SignKeyObjectInput,
} from 'node:crypto'
import { encodeElement, encodeExplicit, encodeInteger, encodeNull, encodeOid, encodeSequence, oids } from '@meshid/der'

/** The kinds of keys that chains are forged with; those after `rsa2048` are for refusals. */
export type ForgeKeyKind = 'p256' | 'p384' | 'ed25519' | 'rsa2048' | 'rsa1024' | 'p521' | 'secp256k1' | 'ed448'

/** A key pair whose signatures are good, whatever the key is worth. */
export interface ForgeKey {
  readonly kind: ForgeKeyKind
  readonly spki: Uint8Array
  /** SHA-1 of the subjectPublicKey's SPKI: any value would do, as long as both sides have it. */
  readonly identifier: Uint8Array
  readonly privateKey: KeyObject
}

/** A signature algorithm: its AlgorithmIdentifier and what node:crypto needs to sign. */
export interface ForgeAlgorithm {
  readonly der: Uint8Array
  readonly digest: string | undefined
  readonly isPss?: boolean
}

const ecdsa = (oid: string, digest: string): ForgeAlgorithm => ({ der: encodeSequence(encodeOid(oid)), digest })
const rsa = (oid: string, digest: string): ForgeAlgorithm => ({
  der: encodeSequence(encodeOid(oid), encodeNull()),
  digest,
})

const MD5_WITH_RSA = '1.2.840.113549.1.1.4'
const SHA256 = '2.16.840.1.101.3.4.2.1'
const MGF1 = '1.2.840.113549.1.1.8'

/** PSS with SHA-256, MGF1 of it and a salt of 32 octets (RFC 4055 section 3.1). */
function pss(): ForgeAlgorithm {
  const hash = encodeSequence(encodeOid(SHA256), encodeNull())
  const parameters = encodeSequence(
    encodeExplicit(0, hash),
    encodeExplicit(1, encodeSequence(encodeOid(MGF1), hash)),
    encodeExplicit(2, encodeInteger(32)),
  )
  return { der: encodeSequence(encodeOid(oids.rsassaPss), parameters), digest: 'sha256', isPss: true }
}

/** The names of {@link forgeAlgorithms}; the last five are for refusals. */
export type ForgeAlgorithmName =
  | 'ecdsa-sha256'
  | 'ecdsa-sha384'
  | 'ecdsa-sha512'
  | 'ed25519'
  | 'rsa-sha256'
  | 'rsa-sha512'
  | 'ecdsa-sha1'
  | 'ed448'
  | 'rsa-sha1'
  | 'rsa-md5'
  | 'rsa-pss'

export const forgeAlgorithms: Readonly<Record<ForgeAlgorithmName, ForgeAlgorithm>> = {
  'ecdsa-sha256': ecdsa(oids.ecdsaWithSha256, 'sha256'),
  'ecdsa-sha384': ecdsa(oids.ecdsaWithSha384, 'sha384'),
  'ecdsa-sha512': ecdsa(oids.ecdsaWithSha512, 'sha512'),
  ed25519: { der: encodeSequence(encodeOid(oids.ed25519)), digest: undefined },
  ed448: { der: encodeSequence(encodeOid(oids.ed448)), digest: undefined },
  'rsa-sha256': rsa(oids.sha256WithRsaEncryption, 'sha256'),
  'rsa-sha512': rsa(oids.sha512WithRsaEncryption, 'sha512'),
  'ecdsa-sha1': ecdsa(oids.ecdsaWithSha1, 'sha1'),
  'rsa-sha1': rsa(oids.sha1WithRsaEncryption, 'sha1'),
  'rsa-md5': rsa(MD5_WITH_RSA, 'md5'),
  'rsa-pss': pss(),
}

const usual: Readonly<Record<ForgeKeyKind, ForgeAlgorithm>> = {
  p256: forgeAlgorithms['ecdsa-sha256'],
  p384: forgeAlgorithms['ecdsa-sha384'],
  ed25519: forgeAlgorithms.ed25519,
  rsa2048: forgeAlgorithms['rsa-sha256'],
  rsa1024: forgeAlgorithms['rsa-sha256'],
  p521: forgeAlgorithms['ecdsa-sha512'],
  secp256k1: forgeAlgorithms['ecdsa-sha256'],
  ed448: forgeAlgorithms.ed448,
}

/** The algorithm that a key signs with unless told otherwise. */
export function usualAlgorithm({ kind }: ForgeKey): ForgeAlgorithm {
  return usual[kind]
}

/** Signs as X.509 wants it. */
export function signWith({ privateKey }: ForgeKey, { digest, isPss }: ForgeAlgorithm, message: Uint8Array): Uint8Array {
  const options: SignKeyObjectInput = { key: privateKey }
  if (isPss === true) Object.assign(options, { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 })
  return new Uint8Array(sign(digest, message, options))
}

/** Keys that are made when they are first asked for, and then kept: RSA takes a tenth of a second. */
export interface ForgeKeys {
  /** The key of a kind and a number; the same for the same. */
  key(kind: ForgeKeyKind, number: number): ForgeKey
}

export function createForgeKeys(): ForgeKeys {
  const keys = new Map<string, ForgeKey>()
  return Object.freeze({
    key(kind: ForgeKeyKind, number: number) {
      const name = `${kind} ${number}`
      const key = keys.get(name) ?? generate(kind)
      keys.set(name, key)
      return key
    },
  })
}

function generate(kind: ForgeKeyKind): ForgeKey {
  const privateKey = generatePrivateKey(kind)
  const spki = new Uint8Array(createPublicKey(privateKey).export({ format: 'der', type: 'spki' }))
  return Object.freeze({ kind, spki, identifier: identifierOf(spki), privateKey })
}

function identifierOf(spki: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha1').update(spki).digest())
}

function generatePrivateKey(kind: ForgeKeyKind): KeyObject {
  if (kind === 'ed25519') return generateKeyPairSync('ed25519').privateKey
  if (kind === 'ed448') return generateKeyPairSync('ed448').privateKey
  if (kind === 'rsa2048' || kind === 'rsa1024') {
    return generateKeyPairSync('rsa', { modulusLength: Number(kind.slice(3)) }).privateKey
  }
  return generateKeyPairSync('ec', { namedCurve: kind.replace(/^p/, 'P-') }).privateKey
}

/** The key's point in compressed form. */
export function compressedSpki({ spki }: ForgeKey): Uint8Array {
  const point = spki.subarray(-65)
  const compressed = Uint8Array.of(2 + ((point[64] ?? 0) & 1), ...point.subarray(1, 33))
  const algorithm = encodeSequence(encodeOid(oids.ecPublicKey), encodeOid(oids.prime256v1))
  return encodeSequence(algorithm, encodeElement(0x03, Uint8Array.of(0), compressed))
}
