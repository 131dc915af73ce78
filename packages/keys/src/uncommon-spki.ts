import { DerReader, Tag, oids } from '@meshid/der'
import { refusal, type KeysError } from './errors.ts'
import { ED25519_KEY_BYTES, fieldBytes, type EcAlgorithm } from './key-algorithm.ts'
import { readRsaPublicKey } from './rsa.ts'
import { UNCOMPRESSED } from './spki.ts'

const SUPPORTED = 'P-256, P-384, Ed25519 or RSA'

/**
 * Looks at an SPKI that has none of the fixed shapes: an RSA key is read, and everything else refused with its reason.
 *
 * @throws KeysError as `readPublicKey`
 * @throws DerError when it is not strict DER
 */
export function rejectOrReadRsa(spki: Uint8Array): { readonly algorithm: 'RSA'; readonly rawStart: number } {
  const reader = new DerReader(spki)
  reader.enter(Tag.sequence)
  reader.enter(Tag.sequence)
  const oid = reader.readOid()
  const curve = oid === oids.ecPublicKey ? readCurve(reader) : undefined
  if (oid === oids.rsaEncryption) reader.readNull()
  else if (curve === undefined && oid !== oids.ed25519) throw unsupported(oid)
  reader.leave()
  const { unusedBits, bytes } = reader.readBitString()
  reader.leave()
  if (unusedBits !== 0) throw invalid('whole octets', `${unusedBits} unused bits`)
  if (oid !== oids.rsaEncryption) throw curve === undefined ? wrongEd25519(bytes) : wrongPoint(curve, bytes)
  readRsaPublicKey(bytes)
  return { algorithm: 'RSA', rawStart: spki.length - bytes.length }
}

/** Only named curves: explicit parameters let the sender choose the group (CVE-2020-0601). */
function readCurve(reader: DerReader): EcAlgorithm {
  if (reader.peek() === Tag.sequence) throw unsupported('explicit curve parameters')
  const oid = reader.readOid()
  if (oid === oids.prime256v1) return 'P-256'
  if (oid === oids.secp384r1) return 'P-384'
  throw unsupported(oid)
}

function unsupported(found: string): KeysError {
  return refusal('KEYS_UNSUPPORTED_ALGORITHM', 'public key', SUPPORTED, found)
}

function wrongPoint(curve: EcAlgorithm, point: Uint8Array): KeysError {
  const what = `public key of ${curve}`
  const width = fieldBytes[curve]
  const [form] = point
  if (form === 0 && point.length === 1) return refusal('KEYS_POINT_INVALID', what, 'a point', 'infinity')
  if ((form === 2 || form === 3) && point.length === 1 + width) {
    return refusal('KEYS_POINT_COMPRESSED', what, 'an uncompressed point', 'a compressed one')
  }
  const found =
    form === undefined || form === UNCOMPRESSED ? `${point.length} bytes` : `${point.length} bytes of another form`
  return invalid(`an uncompressed point of ${1 + 2 * width} bytes`, found)
}

function wrongEd25519(key: Uint8Array): KeysError {
  const expected = `${ED25519_KEY_BYTES} bytes of Ed25519 without parameters`
  return invalid(expected, `${key.length} bytes`)
}

function invalid(expected: string, found: string): KeysError {
  return refusal('KEYS_PUBLIC_KEY_INVALID', 'public key', expected, found)
}
