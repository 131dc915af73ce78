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
import { createNodeSigner, createVerifierThreads, nodeVerifier, type VerifierThreads } from '@meshid/keys/node'
import { spawnSync } from 'node:child_process'
import { setImmediate } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
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

const good = createNodeSigner(generatePrivateKey('P-256'))
const goodSignature = good.sign(message)

function verifyGood({ verifier }: VerifierThreads): Promise<boolean> {
  return verifier.verifyAsync(good.key.publicKey, good.signatureAlgorithm, message, goodSignature)
}

function disposable(threads: VerifierThreads): VerifierThreads & AsyncDisposable {
  return Object.assign(Object.create(threads) as VerifierThreads, { [Symbol.asyncDispose]: () => threads.close() })
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

describe('createVerifierThreads', () => {
  const own = createVerifierThreads()
  const { verifier } = own
  afterAll(() => own.close())

  it.each(cases)('says what nodeVerifier says: $name', async ({ publicKey, signatureAlgorithm, signature }) => {
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

  it('says it of all at once too, whoever takes them, each of its own', async () => {
    const many = Array.from({ length: 10 }, () => cases).flat()
    const ask = ({ publicKey, signatureAlgorithm, signature }: Case) =>
      answerOf(() => verifier.verifyAsync(publicKey, signatureAlgorithm, message, signature))
    const sync = ({ publicKey, signatureAlgorithm, signature }: Case) =>
      answerOf(() => nodeVerifier.verify(publicKey, signatureAlgorithm, message, signature))
    expect(await Promise.all(many.map(ask))).toEqual(await Promise.all(many.map(sync)))
  })

  it('shares with its threads, and refuses beyond what may wait', async () => {
    await using threads = disposable(createVerifierThreads({ threads: 2, maxWaiting: 30 }))
    const all = Array.from({ length: 30 }, () => verifyGood(threads))
    await expect(verifyGood(threads)).rejects.toMatchObject({ code: 'KEYS_QUEUE_FULL', detail: { limit: 30 } })
    expect([threads.running, threads.waiting]).toEqual([0, 30])
    await setImmediate()
    // A third for each thread, four for the event loop.
    expect([threads.running, threads.waiting]).toEqual([20, 6])
    expect(await Promise.all(all)).toEqual(all.map(() => true))
    expect([threads.running, threads.waiting]).toEqual([0, 0])
  })

  it('loses nothing when a thread cannot run, and says so once', async () => {
    const reasons: Error[] = []
    const entry = new URL('data:text/javascript,throw new Error("no such thread")')
    const threads = createVerifierThreads({ entry, onLost: (reason) => reasons.push(reason) })
    expect(await Promise.all([verifyGood(threads), verifyGood(threads)])).toEqual([true, true])
    await expect.poll(() => reasons.map((reason) => reason.message)).toEqual(['no such thread'])
    expect(await verifyGood(threads)).toBe(true)
    expect([reasons.length, threads.running]).toEqual([1, 0])
  })

  it('loses nothing when a thread ends in the middle', async () => {
    const reasons: Error[] = []
    const entry = new URL(
      'data:text/javascript,import { parentPort } from "node:worker_threads"; parentPort.on("message", () => process.exit(3))',
    )
    const threads = createVerifierThreads({ entry, onLost: (reason) => reasons.push(reason) })
    const all = Array.from({ length: 40 }, () => verifyGood(threads))
    expect(await Promise.all(all)).toEqual(all.map(() => true))
    expect(reasons.map((reason) => reason.message)).toEqual(['expected a thread that stays, found exit status 3'])
  })

  it('answers what a closed one is asked, and has lost nothing', async () => {
    const reasons: Error[] = []
    const threads = createVerifierThreads({ onLost: (reason) => reasons.push(reason) })
    const before = verifyGood(threads)
    await setImmediate()
    await threads.close()
    expect(await Promise.all([before, verifyGood(threads)])).toEqual([true, true])
    expect(reasons).toEqual([])
  })

  it('keeps a process alive for its answers, and no longer', () => {
    const program = `
      import { createNodeSigner, createVerifierThreads, generateNodePrivateKey } from '@meshid/keys/node'
      const { key, signatureAlgorithm, sign } = createNodeSigner(generateNodePrivateKey())
      const message = new Uint8Array(9)
      const { verifier } = createVerifierThreads()
      console.log(await verifier.verifyAsync(key.publicKey, signatureAlgorithm, message, sign(message)))`
    const args = ['--conditions=@meshid/source', '--input-type=module', '--eval', program]
    const told = spawnSync(process.execPath, args, { cwd: import.meta.dirname, encoding: 'utf8', timeout: 20_000 })
    expect(told).toMatchObject({ status: 0, stdout: 'true\n', stderr: '' })
  })

  it('refuses limits that are none', () => {
    expect(() => createVerifierThreads({ threads: 0 })).toThrow(RangeError)
    expect(() => createVerifierThreads({ maxWaiting: -1 })).toThrow(RangeError)
    expect(() => createVerifierThreads({ maxWaiting: 1.5 })).toThrow(RangeError)
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
    const { verifier } = createVerifierThreads()
    const publicKey = parsePublicKey(generatePrivateKey('P-256').publicKey.spki)
    const proof = { publicKey, signatureAlgorithm: 'ecdsa-sha256', message, signature: message } as const
    // @ts-expect-error -- an AsyncVerifier is no Verifier
    expect(() => proveKey(proof, verifier)).toThrow(TypeError)
  })
})
