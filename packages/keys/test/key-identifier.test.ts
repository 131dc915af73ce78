import { KEY_IDENTIFIER_BYTES, keyIdentifier, parsePublicKey, sha256 } from '@meshid/keys'
import { describe, expect, it } from 'vitest'
import { hex } from './support.ts'

/** The key of the example in RFC 7093 section 3, which is that of RFC 5480's curve P-256. */
const spki = hex(
  '3059301306072a8648ce3d020106082a8648ce3d03010703420004' +
    '7f7f35a79794c950060b8029fc8f363a28f11159692d9d34e6ac948190434735' +
    'f833b1a66652dc514337aff7f5c9c75d670c019d95a5d639b72744c64a9128bb',
)

describe('keyIdentifier', () => {
  const publicKey = parsePublicKey(spki)

  it('is the leftmost 160 bits of SHA-256 over the subjectPublicKey (RFC 7093 method 1, its example)', () => {
    expect(keyIdentifier(publicKey)).toEqual(hex('bf37b3e5808fd46d54b28e846311bcce1cad2e1a'))
    expect(keyIdentifier(publicKey, 'sha256')).toEqual(sha256(publicKey.raw).subarray(0, KEY_IDENTIFIER_BYTES))
  })

  it('is SHA-1 over the subjectPublicKey on request (RFC 5280 method 1)', () => {
    expect(keyIdentifier(publicKey, 'sha1')).toHaveLength(KEY_IDENTIFIER_BYTES)
    expect(keyIdentifier(publicKey, 'sha1')).not.toEqual(keyIdentifier(publicKey))
  })
})

describe('sha256', () => {
  it('gives the digest of "abc" (FIPS 180-4)', () => {
    expect(sha256(new TextEncoder().encode('abc'))).toEqual(
      hex('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'),
    )
  })
})
