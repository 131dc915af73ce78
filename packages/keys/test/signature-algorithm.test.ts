import { DerReader } from '@meshid/der'
import {
  checkSignatureAlgorithm,
  encodeSignatureAlgorithm,
  MAX_ALGORITHM_BYTES,
  parseSignatureAlgorithm,
  signatureAlgorithmFor,
} from '@meshid/keys'
import { describe, expect, it } from 'vitest'
import { codeOf, hex } from './support.ts'

const encodings = [
  ['ecdsa-sha256', '300a06082a8648ce3d040302'],
  ['ecdsa-sha384', '300a06082a8648ce3d040303'],
  ['ecdsa-sha512', '300a06082a8648ce3d040304'],
  ['ed25519', '300506032b6570'],
  ['rsa-sha256', '300d06092a864886f70d01010b0500'],
  ['rsa-sha384', '300d06092a864886f70d01010c0500'],
  ['rsa-sha512', '300d06092a864886f70d01010d0500'],
] as const

describe('the codec of signature algorithms', () => {
  it.each(encodings)('writes and reads %s', (name, der) => {
    expect(encodeSignatureAlgorithm(name)).toEqual(hex(der))
    expect(parseSignatureAlgorithm(hex(der))).toBe(name)
    const reader = new DerReader(hex(`${der}0500`))
    expect(parseSignatureAlgorithm(reader)).toBe(name)
    reader.readNull()
    reader.end()
  })

  it('gives away copies', () => {
    encodeSignatureAlgorithm('ed25519').fill(0)
    expect(encodeSignatureAlgorithm('ed25519')).toEqual(hex('300506032b6570'))
  })

  it('reads RSA without parameters (RFC 4055 section 5)', () => {
    expect(parseSignatureAlgorithm(hex('300b06092a864886f70d01010b'))).toBe('rsa-sha256')
  })

  it.each([
    ['ECDSA with NULL', '300c06082a8648ce3d0403020500', '1.2.840.10045.4.3.2 with other parameters'],
    ['Ed25519 with NULL', '300706032b65700500', '1.3.101.112 with other parameters'],
    ['RSA with other parameters', '300d06092a864886f70d01010b3000', '1.2.840.113549.1.1.11 with other parameters'],
    ['SHA-1', '300906072a8648ce3d0401', '1.2.840.10045.4.1'],
    ['RSASSA-PSS', '300b06092a864886f70d01010a', '1.2.840.113549.1.1.10'],
    ['trailing bytes', '300506032b65700500', 'bytes that are not strict DER'],
    ['BER', '30810506032b6570', 'bytes that are not strict DER'],
    ['nothing', '', 'bytes that are not strict DER'],
    ['a flood', '00'.repeat(MAX_ALGORITHM_BYTES + 1), 'bytes that are not strict DER'],
  ])('refuses %s', (_, der, found) => {
    expect(() => parseSignatureAlgorithm(hex(der))).toThrow(
      expect.objectContaining({ code: 'KEYS_UNSUPPORTED_ALGORITHM', detail: expect.objectContaining({ found }) }),
    )
  })
})

describe('the fit of key and signature', () => {
  it.each([
    ['P-256', 'ecdsa-sha256'],
    ['P-384', 'ecdsa-sha384'],
    ['Ed25519', 'ed25519'],
    ['RSA', 'rsa-sha256'],
  ] as const)('%s signs with %s unless told otherwise', (algorithm, natural) => {
    expect(signatureAlgorithmFor(algorithm)).toBe(natural)
    for (const [name] of encodings) {
      const fits = name.slice(0, 3) === natural.slice(0, 3)
      expect(codeOf(() => checkSignatureAlgorithm(algorithm, name))).toBe(
        fits ? 'nothing was thrown' : 'KEYS_ALGORITHM_MISMATCH',
      )
    }
  })
})
