import {
  encodeEcdsaSignature,
  KeysError,
  nobleVerifier,
  parsePublicKey,
  type SignatureAlgorithm,
  type Verifier,
} from '@meshid/keys'
import { nodeVerifier } from '@meshid/keys/node'
import { describe, expect, it } from 'vitest'
import { codeOf, hex } from '../support.ts'
import { readWycheproof, type SignatureSet, type SpkiVector } from './vectors.ts'

const wycheproof = readWycheproof()

/** One vector of each RSA set leaves NULL out of the DigestInfo, which PKCS#1 verifiers may accept; we are strict. */
const acceptablePolicy = false

const family: Readonly<Record<SignatureSet['curve'], string>> = {
  'P-256': 'ecdsa-',
  'P-384': 'ecdsa-',
  Ed25519: 'ed25519',
  RSA: 'rsa-',
}

/** Our verdict on every vector of a set that differs from Wycheproof's. */
function disagreements(set: SignatureSet, verifier: Verifier): { readonly count: number; readonly wrong: string[] } {
  const signatureAlgorithm = `${family[set.curve]}${set.hash ?? ''}` as SignatureAlgorithm
  const wrong: string[] = []
  let count = 0
  for (const { spki, tests } of set.groups) {
    const publicKey = parsePublicKey(hex(spki))
    for (const { tcId, msg, sig, result, comment } of tests) {
      count++
      const expected = result === 'acceptable' ? acceptablePolicy : result === 'valid'
      const signature = inX509Form(set, hex(sig))
      const verdict = signature !== undefined && verifier.verify(publicKey, signatureAlgorithm, hex(msg), signature)
      if (verdict !== expected) wrong.push(`${tcId} (${comment}): expected ${result}, found ${verdict}`)
    }
  }
  return { count, wrong }
}

function inX509Form(set: SignatureSet, signature: Uint8Array): Uint8Array | undefined {
  if (set.format !== 'p1363' || set.curve === 'RSA' || set.curve === 'Ed25519') return signature
  try {
    return encodeEcdsaSignature(signature, set.curve)
  } catch (error) {
    if (error instanceof KeysError && error.code === 'KEYS_SIGNATURE_MALFORMED') return undefined
    throw error
  }
}

describe.skipIf(wycheproof === undefined)('Wycheproof signatures', () => {
  const sets = wycheproof?.sets ?? []

  it.each(sets)('$name: nodeVerifier agrees with every verdict', (set) => {
    const { count, wrong } = disagreements(set, nodeVerifier)
    expect(wrong).toEqual([])
    expect(count).toBe(set.groups.flatMap(({ tests }) => tests).length)
  })

  it.each(sets.filter(({ curve }) => curve !== 'RSA'))(
    '$name: nobleVerifier agrees with every verdict',
    (set) => {
      expect(disagreements(set, nobleVerifier).wrong).toEqual([])
    },
    60_000,
  )

  it('has the 4,000 vectors that we count on', () => {
    expect(sets.flatMap(({ groups }) => groups.flatMap(({ tests }) => tests))).toHaveLength(4000)
  })
})

describe.skipIf(wycheproof === undefined)('Wycheproof public keys', () => {
  const vectors = wycheproof?.spki ?? []
  /** A key that is valid, but of the other curve: it parses, and its algorithm says so. */
  const isOtherCurve = ({ curve, comment }: SpkiVector): boolean =>
    comment === 'Public key uses wrong curve: secp384r1' ||
    comment === 'Public key uses wrong curve: secp256r1' ||
    (comment === 'using secp256r1' && curve === 'P-384')

  it('accepts every valid key, with its curve', () => {
    const valid = vectors.filter(({ result }) => result === 'valid')
    expect(valid).toHaveLength(40)
    for (const { spki, curve } of valid) {
      const key = parsePublicKey(hex(spki))
      expect(key.algorithm).toBe(curve)
      expect(key.spki).toEqual(hex(spki))
    }
  })

  it('never takes a key of P-384 for one of P-256, nor the other way round', () => {
    const other = vectors.filter(isOtherCurve)
    expect(other).toHaveLength(3)
    for (const { spki, curve } of other) expect(parsePublicKey(hex(spki)).algorithm).not.toBe(curve)
  })

  it('refuses every invalid key, and every acceptable one: BER, compressed points, explicit curves', () => {
    const refused = vectors.filter((vector) => vector.result !== 'valid' && !isOtherCurve(vector))
    expect(refused).toHaveLength(551)
    for (const { spki } of refused) expect(codeOf(() => parsePublicKey(hex(spki)))).toMatch(/^KEYS_/)
  })

  it.each([
    ['CompressedPublic', 'KEYS_POINT_COMPRESSED', 2],
    ['InvalidCurveAttack', 'KEYS_POINT_INVALID', 32],
    ['UnnamedCurve', 'KEYS_UNSUPPORTED_ALGORITHM', 26],
    ['ModifiedGroup', 'KEYS_UNSUPPORTED_ALGORITHM', 4],
  ])('tells %s as %s', (flag, code, count) => {
    const flagged = vectors.filter((vector) => vector.flags.includes(flag) && !isOtherCurve(vector))
    expect(flagged).toHaveLength(count)
    expect(new Set(flagged.map(({ spki }) => codeOf(() => parsePublicKey(hex(spki)))))).toEqual(new Set([code]))
  })

  it('names the OID of every curve that is not supported', () => {
    const foreign = vectors.filter(
      (vector) => vector.comment.startsWith('Public key uses wrong curve') && !isOtherCurve(vector),
    )
    expect(foreign).toHaveLength(30)
    for (const { spki } of foreign) {
      try {
        parsePublicKey(hex(spki))
        expect.unreachable()
      } catch (error) {
        expect(error).toMatchObject({ code: 'KEYS_UNSUPPORTED_ALGORITHM' })
        expect((error as KeysError).detail.found).toMatch(/^1(\.\d+)+$/)
      }
    }
  })
})
