import { encodeBitString, encodeExplicit, encodeImplicit, encodeInteger, encodeNull } from '@meshid/der'
import { encodeOctetString, encodeOid, encodePem, encodeSequence, encodeSet, oids } from '@meshid/der'
import { generatePrivateKey, KeysError, MAX_PRIVATE_KEY_BYTES, parsePrivateKey, PrivateKey } from '@meshid/keys'
import { describe, expect, it } from 'vitest'
import { codeOf, hex, RSA_2048_PEM } from './support.ts'

const algorithms = ['P-256', 'P-384', 'Ed25519'] as const

/** The private key of RFC 6979 appendix A.2.5 and its public point. */
const scalar = hex('c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721')
const point = hex(
  `0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6` +
    `7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299`,
)
const p256 = encodeOid(oids.prime256v1)
const p384 = encodeOid(oids.secp384r1)
const ecAlgorithm = encodeSequence(encodeOid(oids.ecPublicKey), p256)

function sec1(...tail: readonly Uint8Array[]): Uint8Array {
  return encodeSequence(encodeInteger(1), encodeOctetString(scalar), ...tail)
}

function pkcs8(version: number, inner: Uint8Array, ...tail: readonly Uint8Array[]): Uint8Array {
  return encodeSequence(encodeInteger(version), ecAlgorithm, encodeOctetString(inner), ...tail)
}

describe('generatePrivateKey', () => {
  it('makes P-256 keys unless told otherwise, another one each time', () => {
    const one = generatePrivateKey()
    expect(one.algorithm).toBe('P-256')
    expect(generatePrivateKey().publicKey.spki).not.toEqual(one.publicKey.spki)
  })

  it.each(algorithms)('makes the same %s key from the same random bytes', (algorithm) => {
    const random = (length: number): Uint8Array => new Uint8Array(length).fill(7)
    const [one, other] = [generatePrivateKey(algorithm, { random }), generatePrivateKey(algorithm, { random })]
    expect(one.toPkcs8()).toEqual(other.toPkcs8())
    expect(one.algorithm).toBe(algorithm)
  })

  it('does not keep the array of the random source', () => {
    const pool = new Uint8Array(32).fill(9)
    const key = generatePrivateKey('Ed25519', { random: () => pool })
    const before = key.toPkcs8()
    pool.fill(0)
    expect(key.toPkcs8()).toEqual(before)
  })

  it('refuses a random source that gives too few bytes', () => {
    expect(() => generatePrivateKey('Ed25519', { random: () => new Uint8Array(31) })).toThrow(RangeError)
  })
})

describe('parsePrivateKey', () => {
  it.each(algorithms)('brings a %s key back from PKCS#8, as DER, PEM, and the bytes of PEM', (algorithm) => {
    const key = generatePrivateKey(algorithm)
    const pem = key.toPkcs8Pem()
    expect(pem).toMatch(/^-----BEGIN PRIVATE KEY-----\n[\w+/=\n]+-----END PRIVATE KEY-----\n$/)
    for (const form of [key.toPkcs8(), pem, new TextEncoder().encode(pem), `A comment.\n\n${pem}\n`]) {
      const parsed = parsePrivateKey(form)
      expect(parsed).toBeInstanceOf(PrivateKey)
      expect(parsed.toPkcs8()).toEqual(key.toPkcs8())
      expect(parsed.publicKey.spki).toEqual(key.publicKey.spki)
    }
  })

  it('recognises an RSA key in PKCS#8, and in PKCS#1', () => {
    const key = parsePrivateKey(RSA_2048_PEM)
    expect(key.algorithm).toBe('RSA')
    expect(key.toPkcs8Pem().trim()).toBe(RSA_2048_PEM.trim())
    const pkcs1 = key.toPkcs8().subarray(26)
    expect(parsePrivateKey(pkcs1).toPkcs8()).toEqual(key.toPkcs8())
    expect(parsePrivateKey(encodePem('RSA PRIVATE KEY', pkcs1)).publicKey.spki).toEqual(key.publicKey.spki)
  })

  it.each([
    ['SEC1 with its curve', sec1(encodeExplicit(0, p256))],
    ['SEC1 with its curve and point', sec1(encodeExplicit(0, p256), encodeExplicit(1, encodeBitString(point)))],
    ['PKCS#8 without a point', pkcs8(0, sec1())],
    ['PKCS#8 with a point inside', pkcs8(0, sec1(encodeExplicit(1, encodeBitString(point))))],
    ['PKCS#8 with the curve twice', pkcs8(0, sec1(encodeExplicit(0, p256)))],
    ['PKCS#8 with attributes', pkcs8(0, sec1(), encodeImplicit(0, encodeSet(encodeNull())))],
    ['OneAsymmetricKey with a point outside', pkcs8(1, sec1(), encodeImplicit(1, encodeBitString(point)))],
    ['OneAsymmetricKey without a point', pkcs8(1, sec1())],
  ])('reads %s', (_, der) => {
    expect(parsePrivateKey(der).publicKey.raw).toEqual(point)
  })

  it('reads SEC1 after the EC PARAMETERS that OpenSSL writes first', () => {
    const parameters = encodePem('EC PARAMETERS', p256)
    expect(parsePrivateKey(parameters + encodePem('EC PRIVATE KEY', sec1())).publicKey.raw).toEqual(point)
    const own = encodePem('EC PRIVATE KEY', sec1(encodeExplicit(0, p256)))
    expect(parsePrivateKey(parameters + own).publicKey.raw).toEqual(point)
    expect(codeOf(() => parsePrivateKey(encodePem('EC PARAMETERS', p384) + own))).toBe('KEYS_KEY_MISMATCH')
    const p521 = encodePem('EC PARAMETERS', encodeOid(oids.secp521r1))
    expect(codeOf(() => parsePrivateKey(p521 + own))).toBe('KEYS_UNSUPPORTED_ALGORITHM')
  })

  const otherPoint = generatePrivateKey().publicKey.raw
  it.each([
    ['SEC1', sec1(encodeExplicit(0, p256), encodeExplicit(1, encodeBitString(otherPoint)))],
    ['PKCS#8', pkcs8(0, sec1(encodeExplicit(1, encodeBitString(otherPoint))))],
    ['OneAsymmetricKey', pkcs8(1, sec1(), encodeImplicit(1, encodeBitString(otherPoint)))],
    [
      'a compressed point',
      sec1(encodeExplicit(0, p256), encodeExplicit(1, encodeBitString(hex(`03${'60'.repeat(32)}`)))),
    ],
    ['another curve inside', pkcs8(0, sec1(encodeExplicit(0, p384)))],
  ])('refuses a public part that is not that of the private part: %s', (_, der) => {
    expect(codeOf(() => parsePrivateKey(der))).toBe('KEYS_KEY_MISMATCH')
  })

  it('refuses RSA numbers that do not belong together, one after the other', () => {
    const pkcs1 = parsePrivateKey(RSA_2048_PEM).toPkcs8().subarray(26)
    for (let at = 300; at < pkcs1.length; at += 97) {
      const changed = pkcs1.slice()
      changed[at] = (changed[at] ?? 0) ^ 0x10
      expect(codeOf(() => parsePrivateKey(changed))).toMatch(/^KEYS_(KEY_MISMATCH|PRIVATE_KEY_INVALID)$/)
    }
    const changed = pkcs1.slice()
    const last = changed.length - 1
    changed[last] = (changed[last] ?? 0) ^ 1
    expect(codeOf(() => parsePrivateKey(changed))).toBe('KEYS_KEY_MISMATCH')
  })

  const wide = encodeSequence(encodeInteger(1), encodeOctetString(Uint8Array.of(0, ...scalar)), encodeExplicit(0, p256))
  const zero = encodeSequence(encodeInteger(1), encodeOctetString(new Uint8Array(32)), encodeExplicit(0, p256))
  const huge = encodeSequence(
    encodeInteger(1),
    encodeOctetString(new Uint8Array(32).fill(0xff)),
    encodeExplicit(0, p256),
  )
  const smallRsa = encodeSequence(...[0, 77, 5, 5, 7, 11, 5, 5, 8].map((number) => encodeInteger(number)))
  const shortSeed = encodeSequence(
    encodeInteger(0),
    encodeSequence(encodeOid(oids.ed25519)),
    encodeOctetString(encodeOctetString(new Uint8Array(31))),
  )
  it.each([
    ['nothing', new Uint8Array()],
    ['no PEM block', 'not a key'],
    ['a certificate', encodePem('CERTIFICATE', Uint8Array.of(0x30, 0))],
    ['two keys', generatePrivateKey().toPkcs8Pem() + generatePrivateKey().toPkcs8Pem()],
    ['parameters alone', encodePem('EC PARAMETERS', p256)],
    ['a damaged PEM line', generatePrivateKey().toPkcs8Pem().replace(/\n/, '\n*')],
    ['a truncated PEM', generatePrivateKey().toPkcs8Pem().slice(0, 90)],
    ['trailing bytes', Uint8Array.of(...generatePrivateKey().toPkcs8(), 0)],
    ['another structure', encodeSequence(encodeInteger(0), encodeNull())],
    ['another version of PKCS#8', pkcs8(2, sec1())],
    ['a point outside in version 0', pkcs8(0, sec1(), encodeImplicit(1, encodeBitString(point)))],
    ['SEC1 without a curve', sec1()],
    ['another version of SEC1', encodeSequence(encodeInteger(2), encodeOctetString(scalar), encodeExplicit(0, p256))],
    ['a scalar that is too wide', wide],
    ['a scalar of zero', zero],
    ['a scalar beyond the order', huge],
    ['an Ed25519 seed of 31 bytes', shortSeed],
    ['RSA with few bits', smallRsa],
    ['RSA with many primes', encodeSequence(encodeInteger(1), encodeInteger(77))],
    ['RSA with a negative number', encodeSequence(encodeInteger(0), encodeInteger(-77))],
    ['SEC1 under the label of PKCS#8', encodePem('PRIVATE KEY', sec1(encodeExplicit(0, p256)))],
    ['a text beyond the limit', 'x'.repeat(MAX_PRIVATE_KEY_BYTES + 1)],
  ])('refuses %s', (_, input) => {
    expect(codeOf(() => parsePrivateKey(input))).toBe('KEYS_PRIVATE_KEY_INVALID')
  })

  const explicitCurve = encodeSequence(encodeOid(oids.ecPublicKey), encodeSequence(encodeInteger(1)))
  it.each([
    ['P-521', encodeSequence(encodeOid(oids.ecPublicKey), encodeOid(oids.secp521r1)), oids.secp521r1],
    ['X25519', encodeSequence(encodeOid(oids.x25519)), oids.x25519],
    ['explicit curves', explicitCurve, 'explicit curve parameters'],
  ])('refuses %s and names it', (_, algorithm, found) => {
    const der = encodeSequence(encodeInteger(0), algorithm, encodeOctetString(new Uint8Array(3)))
    expect(() => parsePrivateKey(der)).toThrow(
      expect.objectContaining({ code: 'KEYS_UNSUPPORTED_ALGORITHM', detail: expect.objectContaining({ found }) }),
    )
  })

  it('tells an encrypted key from a broken one', () => {
    const encryptedInfo = encodeSequence(encodeSequence(encodeOid(oids.pbes2)), encodeOctetString(new Uint8Array(8)))
    expect(codeOf(() => parsePrivateKey(encryptedInfo))).toBe('KEYS_ENCRYPTED')
    expect(codeOf(() => parsePrivateKey(encodePem('ENCRYPTED PRIVATE KEY', encryptedInfo)))).toBe('KEYS_ENCRYPTED')
    const headers = 'Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n'
    const legacy = encodePem('EC PRIVATE KEY', sec1()).replace('-----\n', `-----\n${headers}`)
    expect(codeOf(() => parsePrivateKey(legacy))).toBe('KEYS_ENCRYPTED')
    const other = encodePem('EC PRIVATE KEY', sec1()).replace('-----\n', '-----\nX-Comment: nothing\n\n')
    expect(codeOf(() => parsePrivateKey(other))).toBe('KEYS_PRIVATE_KEY_INVALID')
  })
})

describe('PrivateKey', () => {
  const key = parsePrivateKey(sec1(encodeExplicit(0, p256)))

  it('shows its algorithm and [redacted], never the secret', () => {
    expect(String(key)).toBe('PrivateKey(P-256, [redacted])')
    expect(JSON.stringify({ key })).toBe('{"key":"PrivateKey(P-256, [redacted])"}')
    expect(Reflect.ownKeys(key)).toEqual([])
    expect(structuredClone(key)).toEqual({})
  })

  it('cannot be imitated: the methods of a look-alike do not answer', () => {
    expect(() => (Object.create(PrivateKey.prototype) as PrivateKey).toPkcs8()).toThrow(TypeError)
  })

  it('leaves no trace in errors: message, detail and stack of every refusal of a changed key', () => {
    const der = sec1(encodeExplicit(0, p256), encodeExplicit(1, encodeBitString(point)))
    const secretHex = Array.from(scalar, (byte) => byte.toString(16).padStart(2, '0')).join('')
    for (let at = 0; at < der.length; at++) {
      const changed = der.slice()
      changed[at] = (changed[at] ?? 0) ^ 0x81
      const shown = shownBy(() => parsePrivateKey(changed))
      // Neither four bytes of the scalar in hexadecimal, nor the number, nor any cause that might hold them.
      for (let part = 0; part < 56; part += 8) expect(shown.text).not.toContain(secretHex.slice(part, part + 8))
      expect(shown.text).not.toContain(BigInt(`0x${secretHex}`).toString().slice(0, 12))
      expect(shown.cause).toBeUndefined()
    }
  })
})

function shownBy(act: () => unknown): { readonly text: string; readonly cause: unknown } {
  try {
    act()
    return { text: '', cause: undefined }
  } catch (error) {
    if (!(error instanceof KeysError)) throw error
    const { message, detail, stack, cause } = error
    return { text: `${message} ${JSON.stringify(detail)} ${stack}`, cause }
  }
}
