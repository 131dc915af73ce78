import { DerReader, encodeBitString, encodeInteger, encodeNull, encodeOid, encodeSequence, oids } from '@meshid/der'
import {
  generatePrivateKey,
  isSameKey,
  type KeysError,
  MAX_PUBLIC_KEY_BYTES,
  nobleVerifier,
  parsePrivateKey,
  parsePublicKey,
  PublicKey,
  readPublicKey,
} from '@meshid/keys'
import { describe, expect, it } from 'vitest'
import { codeOf, hex, RSA_2048_PEM } from './support.ts'

const P256_PREFIX = '3059301306072a8648ce3d020106082a8648ce3d030107034200'
const ED25519_PREFIX = '302a300506032b6570032100'
const algorithms = ['P-256', 'P-384', 'Ed25519'] as const

describe('parsePublicKey', () => {
  it.each(algorithms)('reads the key that generatePrivateKey makes for %s', (algorithm) => {
    const { publicKey } = generatePrivateKey(algorithm)
    const parsed = parsePublicKey(publicKey.spki)
    expect(parsed.algorithm).toBe(algorithm)
    expect(parsed.spki).toEqual(publicKey.spki)
    expect(parsed.raw).toEqual(publicKey.raw)
    expect(parsed.raw).toHaveLength({ 'P-256': 65, 'P-384': 97, Ed25519: 32 }[algorithm])
  })

  it('reads an RSA key', () => {
    const { publicKey } = parsePrivateKey(RSA_2048_PEM)
    expect(parsePublicKey(publicKey.spki).algorithm).toBe('RSA')
    expect(publicKey.raw[0]).toBe(0x30)
  })

  it('copies what it is given', () => {
    const spki = generatePrivateKey().publicKey.spki.slice()
    const parsed = parsePublicKey(spki)
    const before = parsed.spki.slice()
    spki.fill(0)
    expect(parsed.spki).toEqual(before)
  })

  it('refuses every truncation and every flipped bit of an encoding with a code, or reads another key', () => {
    const { spki } = generatePrivateKey().publicKey
    for (let length = 0; length < spki.length; length++) {
      expect(codeOf(() => parsePublicKey(spki.subarray(0, length)))).toBe('KEYS_PUBLIC_KEY_INVALID')
    }
    for (let bit = 0; bit < spki.length * 8; bit++) {
      const flipped = spki.slice()
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(codeOf(() => parsePublicKey(flipped))).toMatch(/^KEYS_(PUBLIC_KEY|POINT|UNSUPPORTED)/)
    }
  })

  it('refuses trailing bytes and input beyond the limit', () => {
    const { spki } = generatePrivateKey().publicKey
    expect(codeOf(() => parsePublicKey(Uint8Array.of(...spki, 0)))).toBe('KEYS_PUBLIC_KEY_INVALID')
    try {
      parsePublicKey(new Uint8Array(MAX_PUBLIC_KEY_BYTES + 1))
      expect.unreachable()
    } catch (error) {
      expect((error as KeysError).detail).toEqual({ limit: MAX_PUBLIC_KEY_BYTES, found: '2049 bytes' })
    }
  })

  it.each([
    ['the point at infinity', '3019301306072a8648ce3d020106082a8648ce3d03010703020000', 'KEYS_POINT_INVALID'],
    [
      'a compressed point',
      `3039301306072a8648ce3d020106082a8648ce3d030107032200${'02'.padEnd(66, '1')}`,
      'KEYS_POINT_COMPRESSED',
    ],
    ['a hybrid point', `${P256_PREFIX}06${'11'.repeat(64)}`, 'KEYS_PUBLIC_KEY_INVALID'],
    ['a point that is not on the curve', `${P256_PREFIX}04${'11'.repeat(64)}`, 'KEYS_POINT_INVALID'],
    ['coordinates outside the field', `${P256_PREFIX}04${'ff'.repeat(64)}`, 'KEYS_POINT_INVALID'],
    [
      'unused bits',
      '3059301306072a8648ce3d020106082a8648ce3d03010703420104'.padEnd(182, '2'),
      'KEYS_PUBLIC_KEY_INVALID',
    ],
    ['X25519', '302a300506032b656e032100'.padEnd(88, '1'), 'KEYS_UNSUPPORTED_ALGORITHM'],
    ['P-521', `3012301006072a8648ce3d020106052b81040023`.padEnd(40, '0'), 'KEYS_UNSUPPORTED_ALGORITHM'],
    ['Ed25519 with parameters', `302c300706032b65700500032100${'11'.repeat(32)}`, 'KEYS_PUBLIC_KEY_INVALID'],
    ['Ed25519 of 31 bytes', `3029300506032b6570032000${'11'.repeat(31)}`, 'KEYS_PUBLIC_KEY_INVALID'],
    ['an empty sequence', '3000', 'KEYS_PUBLIC_KEY_INVALID'],
    ['RSA without NULL', '3012300b06092a864886f70d0101010303003000', 'KEYS_PUBLIC_KEY_INVALID'],
    ['RSA of 8 bits', '301a300d06092a864886f70d01010105000309003006020103020103', 'KEYS_PUBLIC_KEY_INVALID'],
  ])('refuses %s', (_, spki, code) => {
    expect(codeOf(() => parsePublicKey(hex(spki)))).toBe(code)
  })

  const rsaSpki = (modulus: bigint, exponent: bigint): Uint8Array =>
    encodeSequence(
      encodeSequence(encodeOid(oids.rsaEncryption), encodeNull()),
      encodeBitString(encodeSequence(encodeInteger(modulus), encodeInteger(exponent))),
    )

  it.each([
    ['of 2047 bits', 2n ** 2046n + 1n, 65537n],
    ['of 8193 bits', 2n ** 8192n + 1n, 65537n],
    ['that is even', 2n ** 2047n, 65537n],
    ['with an exponent of 1', 2n ** 2047n + 1n, 1n],
    ['with an even exponent', 2n ** 2047n + 1n, 65536n],
    ['with an exponent of 65 bits', 2n ** 2047n + 1n, 2n ** 64n + 1n],
    ['that is negative', -(2n ** 2047n) - 1n, 65537n],
  ])('refuses an RSA modulus %s', (_, modulus, exponent) => {
    expect(codeOf(() => parsePublicKey(rsaSpki(modulus, exponent)))).toBe('KEYS_PUBLIC_KEY_INVALID')
  })

  it('reads RSA at its limits', () => {
    expect(parsePublicKey(rsaSpki(2n ** 2047n + 1n, 3n)).algorithm).toBe('RSA')
    expect(parsePublicKey(rsaSpki(2n ** 8192n - 1n, 2n ** 64n - 1n)).algorithm).toBe('RSA')
  })

  it.each([
    ['zero', '00'.repeat(32)],
    ['one', `01${'00'.repeat(31)}`],
    ['minus one', `ec${'ff'.repeat(30)}7f`],
    ['minus one with the sign of x', `ec${'ff'.repeat(31)}`],
    ['of order eight', '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'],
    ['of order eight too', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa'],
    ['not reduced', `ed${'ff'.repeat(30)}7f`],
    ['not on the curve', `02${'00'.repeat(31)}`],
  ])('refuses an Ed25519 point that is %s', (_, point) => {
    expect(codeOf(() => parsePublicKey(hex(ED25519_PREFIX + point)))).toBe('KEYS_POINT_INVALID')
  })

  it('tells an unsupported curve by its OID and shows no bytes of the key', () => {
    try {
      parsePublicKey(hex('3018301006072a8648ce3d020106052b8104000a03040004cafe'))
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(Error)
      expect(error).toMatchObject({ code: 'KEYS_UNSUPPORTED_ALGORITHM', detail: { found: '1.3.132.0.10' } })
      expect(String(error)).not.toContain('cafe')
      expect(Object.isFrozen((error as KeysError).detail)).toBe(true)
    }
  })
})

describe('readPublicKey', () => {
  it('reads in place and leaves the reader after the key', () => {
    const { spki } = generatePrivateKey().publicKey
    const bytes = Uint8Array.of(5, 0, ...spki, 5, 0)
    const reader = new DerReader(bytes)
    reader.readNull()
    const key = readPublicKey(reader)
    reader.readNull()
    reader.end()
    expect(key.spki).toEqual(spki)
    expect(key.spki.buffer).toBe(bytes.buffer)
    expect(key.raw).toEqual(spki.subarray(26))
  })

  it('leaves the check of the curve to the verifier, which refuses', () => {
    const key = readPublicKey(new DerReader(hex(`${P256_PREFIX}04${'11'.repeat(64)}`)))
    const signature = hex('3006020101020101')
    expect(codeOf(() => nobleVerifier.verify(key, 'ecdsa-sha256', new Uint8Array(1), signature))).toBe(
      'KEYS_POINT_INVALID',
    )
  })
})

describe('PublicKey', () => {
  it('is the same key whenever the encoding is the same', () => {
    const { publicKey } = generatePrivateKey()
    expect(isSameKey(publicKey, parsePublicKey(publicKey.spki))).toBe(true)
    expect(isSameKey(publicKey, generatePrivateKey().publicKey)).toBe(false)
    expect(isSameKey(publicKey, generatePrivateKey('P-384').publicKey)).toBe(false)
  })

  it('cannot be imitated: the fields of a look-alike do not answer', () => {
    expect(() => (Object.create(PublicKey.prototype) as PublicKey).spki).toThrow(TypeError)
  })
})
