import { DerReader } from '@meshid/der'
import { generatePrivateKey, KeysError, nobleVerifier, readPublicKey } from '@meshid/keys'
import { describe, expect, test } from 'vitest'

const codeOf = (spki: Uint8Array): string | undefined => {
  try {
    nobleVerifier.checkPublicKey?.(readPublicKey(new DerReader(spki)))
    return undefined
  } catch (error) {
    if (error instanceof KeysError) return error.code
    throw error
  }
}

describe('checkPublicKey of a verifier', () => {
  test.each(['P-256', 'P-384', 'Ed25519'] as const)('takes a key of %s that somebody can own', (algorithm) => {
    expect(codeOf(generatePrivateKey(algorithm).publicKey.spki)).toBeUndefined()
  })

  test.each(['P-256', 'P-384'] as const)('refuses a point that is not on %s', (algorithm) => {
    const { spki } = generatePrivateKey(algorithm).publicKey
    expect(codeOf(spki.with(spki.length - 1, (spki.at(-1) ?? 0) ^ 1))).toBe('KEYS_POINT_INVALID')
    expect(codeOf(spki.fill(0xff, -32))).toBe('KEYS_POINT_INVALID')
  })

  test('refuses a point of Ed25519 that has a small order, or another form than its own', () => {
    const { spki } = generatePrivateKey('Ed25519').publicKey
    expect(codeOf(spki.fill(0, -32))).toBe('KEYS_POINT_INVALID')
    expect(codeOf(spki.fill(0xff, -32).fill(0x7f, -1))).toBe('KEYS_POINT_INVALID')
  })
})
