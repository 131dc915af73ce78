import { DerReader } from '@meshid/der'
import {
  type AsyncVerifier,
  createNobleSigner,
  encodeEcdsaSignature,
  generatePrivateKey,
  parsePrivateKey,
  parsePublicKey,
  proveKey,
  proveKeyAsync,
  type PublicKey,
  readPublicKey,
  type SignatureAlgorithm,
} from '@meshid/keys'
import { createCryptoThreads, createNodeSigner, nodeVerifier } from '@meshid/keys/node'
import { describe, expect, it } from 'vitest'
import { codeOf, RSA_2048_PEM } from '../support.ts'

const message = new TextEncoder().encode('hello')
const algorithms = ['P-256', 'P-384', 'Ed25519'] as const

/** The answer or the code, of now and of later alike. */
async function answerOf(ask: () => unknown): Promise<unknown> {
  try {
    return await ask()
  } catch (error) {
    return codeOf(() => {
      throw error
    })
  }
}

interface Case {
  readonly name: string
  readonly publicKey: PublicKey
  readonly signatureAlgorithm: SignatureAlgorithm
  readonly signature: Uint8Array
}

function offCurve(algorithm: 'P-256' | 'P-384' | 'Ed25519'): PublicKey {
  const spki = new Uint8Array(generatePrivateKey(algorithm).publicKey.spki)
  if (algorithm === 'Ed25519') spki.fill(0, spki.length - 32)
  else spki[spki.length - 1] = (spki.at(-1) ?? 0) ^ 1
  return readPublicKey(new DerReader(spki))
}

const cases: readonly Case[] = [
  ...algorithms.flatMap((algorithm): Case[] => {
    const { publicKey } = generatePrivateKey(algorithm)
    const signer = createNobleSigner(generatePrivateKey(algorithm))
    const { signatureAlgorithm } = signer
    const signature = signer.sign(message)
    const own = signer.key.publicKey
    return [
      { name: `${algorithm}, good`, publicKey: own, signatureAlgorithm, signature },
      { name: `${algorithm}, another key`, publicKey, signatureAlgorithm, signature },
      { name: `${algorithm}, not on the curve`, publicKey: offCurve(algorithm), signatureAlgorithm, signature },
      { name: `${algorithm}, cut`, publicKey: own, signatureAlgorithm, signature: signature.subarray(1) },
      { name: `${algorithm}, empty`, publicKey: own, signatureAlgorithm, signature: new Uint8Array() },
      { name: `${algorithm}, another algorithm`, publicKey: own, signatureAlgorithm: 'rsa-sha256', signature },
    ]
  }),
  {
    name: 'P-256, padded',
    publicKey: generatePrivateKey('P-256').publicKey,
    signatureAlgorithm: 'ecdsa-sha256',
    signature: Uint8Array.of(...encodeEcdsaSignature(new Uint8Array(64).fill(1), 'P-256'), 0),
  },
  {
    name: 'RSA, wrong',
    publicKey: parsePrivateKey(RSA_2048_PEM).publicKey,
    signatureAlgorithm: 'rsa-sha256',
    signature: new Uint8Array(256),
  },
]

describe('createCryptoThreads', () => {
  it.each(cases)('says what nodeVerifier says: $name', async ({ publicKey, signatureAlgorithm, signature }) => {
    const { verifier } = createCryptoThreads()
    const proof = { publicKey, signatureAlgorithm, message, signature }
    const sync = await answerOf(() => nodeVerifier.verify(publicKey, signatureAlgorithm, message, signature))
    const later = await answerOf(() => verifier.verifyAsync(publicKey, signatureAlgorithm, message, signature))
    expect(later).toBe(sync)
    const [proven, provenLater] = [
      await answerOf(() => proveKey(proof, nodeVerifier).spki.join()),
      await answerOf(async () => (await proveKeyAsync(proof, verifier)).spki.join()),
    ]
    expect(provenLater).toBe(proven)
  })

  it.each([...algorithms, 'RSA'] as const)('signs with %s what nodeVerifier verifies', async (algorithm) => {
    const privateKey = algorithm === 'RSA' ? parsePrivateKey(RSA_2048_PEM) : generatePrivateKey(algorithm)
    const signer = createCryptoThreads().createSigner(privateKey)
    const signature = await signer.sign(message)
    expect(signature.constructor).toBe(Uint8Array)
    expect(signer.key.spki).toEqual(privateKey.publicKey.spki)
    expect(nodeVerifier.verify(signer.key.publicKey, signer.signatureAlgorithm, message, signature)).toBe(true)
  })

  it('hands over as many jobs as it may, signatures first, and refuses verifications beyond what may wait', async () => {
    const threads = createCryptoThreads({ maxRunning: 1, maxWaiting: 2 })
    const privateKey = generatePrivateKey('P-256')
    const signer = threads.createSigner(privateKey)
    const signature = createNodeSigner(privateKey).sign(message)
    const order: string[] = []
    const verify = async (name: string): Promise<void> => {
      const { publicKey } = privateKey
      await threads.verifier.verifyAsync(publicKey, signer.signatureAlgorithm, message, signature)
      order.push(name)
    }
    const sign = async (name: string): Promise<void> => {
      await signer.sign(message)
      order.push(name)
    }
    const all = [verify('one'), verify('two'), verify('three'), sign('four'), sign('five')]
    expect([threads.running, threads.waiting]).toEqual([1, 4])
    await expect(verify('six')).rejects.toMatchObject({ code: 'KEYS_QUEUE_FULL', detail: { limit: 2 } })
    await Promise.all(all)
    expect(order).toEqual(['one', 'four', 'five', 'two', 'three'])
    expect([threads.running, threads.waiting]).toEqual([0, 0])
  })

  it('a job that cannot begin makes room for the next one', async () => {
    const { verifier } = createCryptoThreads({ maxRunning: 1 })
    const [off, { publicKey }] = [offCurve('P-256'), generatePrivateKey('P-256')]
    const wrong = encodeEcdsaSignature(new Uint8Array(64).fill(1), 'P-256')
    const answers = await Promise.all(
      [off, publicKey, off, publicKey].map((key) =>
        answerOf(() => verifier.verifyAsync(key, 'ecdsa-sha256', message, wrong)),
      ),
    )
    expect(answers).toEqual(['KEYS_POINT_INVALID', false, 'KEYS_POINT_INVALID', false])
  })

  it('a signature that nobody waits for any more is not begun', async () => {
    const threads = createCryptoThreads({ maxRunning: 1 })
    const signer = threads.createSigner(generatePrivateKey('P-256'))
    const given = new AbortController()
    const first = signer.sign(message)
    const second = signer.sign(message, { signal: given.signal })
    given.abort(new Error('gave up'))
    await expect(second).rejects.toThrow('gave up')
    await first
    expect(threads.running).toBe(0)
  })

  it('refuses limits that are none', () => {
    expect(() => createCryptoThreads({ maxRunning: 0 })).toThrow(RangeError)
    expect(() => createCryptoThreads({ maxWaiting: -1 })).toThrow(RangeError)
    expect(() => createCryptoThreads({ maxWaiting: 1.5 })).toThrow(RangeError)
  })
})

describe('proveKeyAsync', () => {
  it('takes nothing but true for a yes', async () => {
    const publicKey = parsePublicKey(generatePrivateKey('P-256').publicKey.spki)
    const almost = { verifyAsync: () => Promise.resolve('yes') } as unknown as AsyncVerifier
    const proof = { publicKey, signatureAlgorithm: 'ecdsa-sha256', message, signature: message } as const
    await expect(proveKeyAsync(proof, almost)).rejects.toMatchObject({ code: 'KEYS_SIGNATURE_INVALID' })
  })

  it('a verifier that answers later never stands for one that answers at once', () => {
    const { verifier } = createCryptoThreads()
    const publicKey = parsePublicKey(generatePrivateKey('P-256').publicKey.spki)
    const proof = { publicKey, signatureAlgorithm: 'ecdsa-sha256', message, signature: message } as const
    // @ts-expect-error -- an AsyncVerifier is no Verifier
    expect(() => proveKey(proof, verifier)).toThrow(TypeError)
  })
})
