import {
  createNobleSigner,
  decodeEcdsaSignature,
  encodeEcdsaSignature,
  generatePrivateKey,
  KeysError,
  nobleVerifier,
  parsePrivateKey,
  parsePublicKey,
} from '@meshid/keys'
import { p256, p384 } from '@noble/curves/nist.js'
import { ed25519 } from '@noble/curves/ed25519.js'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { codeOf, hex } from './support.ts'

const bytes = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length })
const anyBytes = fc.uint8Array({ maxLength: 200 })

/** True when `act` returns or throws a KeysError: no foreign exception, no hang. */
function isTame(act: () => unknown): boolean {
  try {
    act()
    return true
  } catch (error) {
    return error instanceof KeysError
  }
}

describe('the ECDSA signature codec', () => {
  const nonZeroHalves = bytes(64).filter(
    (p1363) => p1363.subarray(0, 32).some(Boolean) && p1363.subarray(32).some(Boolean),
  )

  it('brings every pair of numbers back', () => {
    fc.assert(
      fc.property(nonZeroHalves, (p1363) => {
        expect(decodeEcdsaSignature(encodeEcdsaSignature(p1363, 'P-256'), 'P-256')).toEqual(p1363)
      }),
    )
  })

  it('has one encoding for each signature: what decodes encodes to the same bytes', () => {
    const mutated = fc.tuple(nonZeroHalves, fc.nat(), fc.integer({ min: 0, max: 255 })).map(([p1363, at, value]) => {
      const der = encodeEcdsaSignature(p1363, 'P-256')
      der[at % der.length] = value
      return der
    })
    fc.assert(
      fc.property(mutated, (der) => {
        const decode = (): Uint8Array => decodeEcdsaSignature(der, 'P-256')
        expect(isTame(decode)).toBe(true)
        if (codeOf(decode) === 'nothing was thrown') expect(encodeEcdsaSignature(decode(), 'P-256')).toEqual(der)
      }),
    )
  })
})

describe('bytes from anywhere', () => {
  it('are read or refused with a code', () => {
    fc.assert(
      fc.property(anyBytes, (input) => isTame(() => parsePublicKey(input)) && isTame(() => parsePrivateKey(input))),
    )
  })

  it('that begin like a key are read or refused with a code', () => {
    const pkcs8 = generatePrivateKey().toPkcs8()
    const mutated = fc.array(fc.tuple(fc.nat(pkcs8.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(mutated, (changes) => {
        const input = pkcs8.slice()
        for (const [at, value] of changes) input[at] = value
        return isTame(() => parsePrivateKey(input))
      }),
      { numRuns: 60 },
    )
  })
})

describe('the check of points', () => {
  const prefix = {
    'P-256': '3059301306072a8648ce3d020106082a8648ce3d030107034200',
    'P-384': '3076301006072a8648ce3d020106052b81040022036200',
    Ed25519: '302a300506032b6570032100',
  }
  const accepts = (spki: Uint8Array): boolean => {
    try {
      parsePublicKey(spki)
      return true
    } catch {
      return false
    }
  }

  it('agrees with noble about Ed25519, on half of all encodings', () => {
    fc.assert(
      fc.property(bytes(32), (raw) => {
        expect(accepts(Uint8Array.of(...hex(prefix.Ed25519), ...raw))).toBe(ed25519.utils.isValidPublicKey(raw, false))
      }),
      { examples: [[new Uint8Array(32).fill(0xff)]] },
    )
  })

  it.each([
    ['P-256', p256],
    ['P-384', p384],
  ] as const)('agrees with noble about %s, for points and their neighbours', (algorithm, curve) => {
    const point = bytes(curve.lengths.seed ?? 72).map((seed) =>
      curve.getPublicKey(curve.utils.randomSecretKey(seed), false),
    )
    fc.assert(
      fc.property(point, fc.nat(), fc.nat(255), (raw, at, value) => {
        expect(accepts(Uint8Array.of(...hex(prefix[algorithm]), ...raw))).toBe(true)
        raw[1 + (at % (raw.length - 1))] = value
        expect(accepts(Uint8Array.of(...hex(prefix[algorithm]), ...raw))).toBe(curve.utils.isValidPublicKey(raw, false))
      }),
      { numRuns: 20 },
    )
  })
})

describe('signatures', () => {
  it.each(['P-256', 'P-384', 'Ed25519'] as const)('of %s verify for the message that was signed only', (algorithm) => {
    const signer = createNobleSigner(generatePrivateKey(algorithm))
    const { publicKey } = signer.key
    fc.assert(
      fc.property(anyBytes, anyBytes, (message, other) => {
        const signature = signer.sign(message)
        const isSame = message.length === other.length && message.every((byte, at) => byte === other[at])
        expect(nobleVerifier.verify(publicKey, signer.signatureAlgorithm, message, signature)).toBe(true)
        expect(nobleVerifier.verify(publicKey, signer.signatureAlgorithm, other, signature)).toBe(isSame)
      }),
      { numRuns: 10 },
    )
  })
})
