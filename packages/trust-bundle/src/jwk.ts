import {
  DerReader,
  encodeBitString,
  encodeInteger,
  encodeNull,
  encodeOid,
  encodeSequence,
  oids,
  Tag,
} from '@meshid/der'
import { KeysError, parsePublicKey, type PublicKey } from '@meshid/keys'
import { decodeBase64, encodeBase64url } from './base64.ts'
import { refusal, type TrustBundleError } from './errors.ts'
import { describeJson, type JsonObject } from './json-value.ts'

interface Curve {
  readonly oid: string
  /** Octets of one coordinate (RFC 7518 section 6.2.1.2). */
  readonly octets: number
}

const curves: ReadonlyMap<unknown, Curve> = new Map([
  ['P-256', { oid: oids.prime256v1, octets: 32 }],
  ['P-384', { oid: oids.secp384r1, octets: 48 }],
])

/**
 * The public key that a JWK's own members say: EC on P-256 and P-384, OKP with Ed25519, RSA from 2048 bits.
 *
 * @throws TrustBundleError TRUST_BUNDLE_KEY_TYPE_UNKNOWN, TRUST_BUNDLE_KEY_CURVE_UNKNOWN, TRUST_BUNDLE_KEY_INVALID
 * @see RFC 7518 sections 6.2 and 6.3, RFC 8037 section 2; SPIFFE rules BUNDLE-13, BUNDLE-14 and BUNDLE-17
 */
export function publicKeyOfJwk(jwk: JsonObject): PublicKey {
  const spki = spkiOf(jwk)
  try {
    return parsePublicKey(spki)
  } catch (cause) {
    if (!(cause instanceof KeysError)) throw cause
    throw refusal('TRUST_BUNDLE_KEY_INVALID', 'key', 'a usable public key', cause.message, { cause })
  }
}

/** The members of RFC 7517 for a key, in the order in which they are written. */
export function jwkMembersOf({ algorithm, raw }: PublicKey): readonly (readonly [name: string, value: string])[] {
  if (algorithm === 'Ed25519') {
    return [
      ['kty', 'OKP'],
      ['crv', algorithm],
      ['x', encodeBase64url(raw)],
    ]
  }
  if (algorithm === 'RSA') return rsaMembers(raw)
  const octets = (raw.length - 1) / 2
  return [
    ['kty', 'EC'],
    ['crv', algorithm],
    ['x', encodeBase64url(raw.subarray(1, 1 + octets))],
    ['y', encodeBase64url(raw.subarray(1 + octets))],
  ]
}

function spkiOf(jwk: JsonObject): Uint8Array {
  const kty = jwk.members.get('kty')
  if (kty === 'EC') return ecSpki(jwk)
  if (kty === 'OKP') return okpSpki(jwk)
  if (kty === 'RSA') return rsaSpki(jwk)
  throw refusal('TRUST_BUNDLE_KEY_TYPE_UNKNOWN', 'kty', 'EC, OKP or RSA', describeJson(kty))
}

function ecSpki(jwk: JsonObject): Uint8Array {
  const curve = curves.get(jwk.members.get('crv'))
  if (curve === undefined) throw unknownCurve(jwk, 'P-256 or P-384')
  const x = octetsOf(jwk, 'x', curve.octets)
  const y = octetsOf(jwk, 'y', curve.octets)
  const algorithm = encodeSequence(encodeOid(oids.ecPublicKey), encodeOid(curve.oid))
  return encodeSequence(algorithm, encodeBitString(Uint8Array.of(4, ...x, ...y)))
}

function okpSpki(jwk: JsonObject): Uint8Array {
  if (jwk.members.get('crv') !== 'Ed25519') throw unknownCurve(jwk, 'Ed25519')
  return encodeSequence(encodeSequence(encodeOid(oids.ed25519)), encodeBitString(octetsOf(jwk, 'x', 32)))
}

function rsaSpki(jwk: JsonObject): Uint8Array {
  const key = encodeSequence(encodeInteger(octetsOf(jwk, 'n')), encodeInteger(octetsOf(jwk, 'e')))
  return encodeSequence(encodeSequence(encodeOid(oids.rsaEncryption), encodeNull()), encodeBitString(key))
}

function octetsOf(jwk: JsonObject, name: string, length?: number): Uint8Array {
  const value = jwk.members.get(name)
  const octets = typeof value === 'string' ? decodeBase64(value, 'base64url') : undefined
  if (octets !== undefined && (length === undefined || octets.length === length)) return octets
  const expected = length === undefined ? 'base64url' : `${length} octets in base64url`
  const found = octets === undefined ? describeJson(value) : `${octets.length} octets`
  throw refusal('TRUST_BUNDLE_KEY_INVALID', name, expected, found)
}

function unknownCurve(jwk: JsonObject, expected: string): TrustBundleError {
  return refusal('TRUST_BUNDLE_KEY_CURVE_UNKNOWN', 'crv', expected, describeJson(jwk.members.get('crv')))
}

function rsaMembers(raw: Uint8Array): readonly (readonly [name: string, value: string])[] {
  const reader = new DerReader(raw)
  reader.enter(Tag.sequence)
  const [n, e] = [reader.readInteger(), reader.readInteger()].map((octets) =>
    encodeBase64url(octets[0] === 0 ? octets.subarray(1) : octets),
  ) as [string, string]
  return [
    ['kty', 'RSA'],
    ['n', n],
    ['e', e],
  ]
}
