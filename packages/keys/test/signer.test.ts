import { DerReader } from '@meshid/der'
import {
  createNobleSigner,
  createRemoteSigner,
  decodeEcdsaSignature,
  generatePrivateKey,
  KeysError,
  nobleVerifier,
  ownPublicKey,
  parsePrivateKey,
  ProvenKey,
  proveKey,
  type PublicKey,
  readPublicKey,
  TRIAL_MESSAGE,
  type SignatureAlgorithm,
} from '@meshid/keys'
import { describe, expect, it } from 'vitest'
import { codeOf, codeOfAsync, RSA_2048_PEM } from './support.ts'

const message = new TextEncoder().encode('hello')

describe('createNobleSigner', () => {
  it.each([
    ['P-256', 'ecdsa-sha256'],
    ['P-384', 'ecdsa-sha384'],
    ['Ed25519', 'ed25519'],
  ] as const)('signs with %s and %s, and yields a proven key', (algorithm, signatureAlgorithm) => {
    const privateKey = generatePrivateKey(algorithm)
    const signer = createNobleSigner(privateKey)
    expect(signer.signatureAlgorithm).toBe(signatureAlgorithm)
    expect(signer.key).toBeInstanceOf(ProvenKey)
    expect(signer.key.algorithm).toBe(algorithm)
    expect(signer.key.spki).toEqual(privateKey.publicKey.spki)
    expect(Object.isFrozen(signer)).toBe(true)
    const signature = signer.sign(message)
    expect(nobleVerifier.verify(privateKey.publicKey, signatureAlgorithm, message, signature)).toBe(true)
    expect(nobleVerifier.verify(privateKey.publicKey, signatureAlgorithm, message.slice(1), signature)).toBe(false)
  })

  it.each(['ecdsa-sha256', 'ecdsa-sha384', 'ecdsa-sha512'] as const)('signs with P-256 and %s on request', (name) => {
    const privateKey = generatePrivateKey()
    const signature = createNobleSigner(privateKey, { signatureAlgorithm: name }).sign(message)
    const verdicts = (['ecdsa-sha256', 'ecdsa-sha384', 'ecdsa-sha512'] satisfies SignatureAlgorithm[]).map((other) =>
      nobleVerifier.verify(privateKey.publicKey, other, message, signature),
    )
    expect(verdicts).toEqual([name === 'ecdsa-sha256', name === 'ecdsa-sha384', name === 'ecdsa-sha512'])
  })

  it('is deterministic (RFC 6979)', () => {
    const signer = createNobleSigner(generatePrivateKey())
    expect(signer.sign(message)).toEqual(signer.sign(message))
  })

  it('refuses an RSA key, and a signature algorithm that does not fit', () => {
    expect(codeOf(() => createNobleSigner(parsePrivateKey(RSA_2048_PEM)))).toBe('KEYS_UNSUPPORTED_ALGORITHM')
    expect(codeOf(() => createNobleSigner(generatePrivateKey(), { signatureAlgorithm: 'ed25519' }))).toBe(
      'KEYS_ALGORITHM_MISMATCH',
    )
  })
})

describe('proveKey', () => {
  const signer = createNobleSigner(generatePrivateKey())
  const { publicKey } = signer.key
  const { signatureAlgorithm } = signer
  const signature = signer.sign(message)

  it('copies the key, unless nobody else can change its bytes', () => {
    const bytes = publicKey.spki.slice()
    const proofOf = (key: PublicKey) => ({ publicKey: key, signatureAlgorithm, message, signature })
    const copied = proveKey(proofOf(readPublicKey(new DerReader(bytes))), nobleVerifier)
    const own = ownPublicKey(readPublicKey(new DerReader(bytes.slice())))
    expect(proveKey(proofOf(own), nobleVerifier).publicKey).toBe(own)
    bytes.fill(0)
    expect(copied.spki).toEqual(publicKey.spki)
  })

  it('yields a proven key whose bytes are its own', () => {
    const proven = proveKey({ publicKey, signatureAlgorithm, message, signature }, nobleVerifier)
    expect(proven.spki).toEqual(publicKey.spki)
    expect(proven.spki.buffer).not.toBe(publicKey.spki.buffer)
  })

  it('refuses a flipped bit anywhere in the proof', () => {
    for (const at of [0, 1, 3, 5, 40, signature.length - 1]) {
      const flipped = signature.slice()
      flipped[at] = (flipped[at] ?? 0) ^ 1
      const proof = { publicKey, signatureAlgorithm, message, signature: flipped }
      expect(codeOf(() => proveKey(proof, nobleVerifier))).toBe('KEYS_SIGNATURE_INVALID')
    }
    const otherMessage = { publicKey, signatureAlgorithm, message: message.slice(1), signature }
    expect(codeOf(() => proveKey(otherMessage, nobleVerifier))).toBe('KEYS_SIGNATURE_INVALID')
  })

  it('refuses the signature of another key', () => {
    const other = generatePrivateKey().publicKey
    const proof = { publicKey: other, signatureAlgorithm, message, signature }
    expect(codeOf(() => proveKey(proof, nobleVerifier))).toBe('KEYS_SIGNATURE_INVALID')
  })

  it('refuses a signature algorithm of another kind of key', () => {
    const proof = { publicKey, signatureAlgorithm: 'rsa-sha256', message, signature } as const
    expect(codeOf(() => proveKey(proof, nobleVerifier))).toBe('KEYS_ALGORITHM_MISMATCH')
  })

  it('cannot be imitated: the fields of a look-alike do not answer', () => {
    const imitation: unknown = Object.create(ProvenKey.prototype)
    expect(imitation).toBeInstanceOf(ProvenKey)
    expect(() => (imitation as ProvenKey).spki).toThrow(TypeError)
    expect(() => (imitation as ProvenKey).publicKey).toThrow(TypeError)
  })
})

describe('createRemoteSigner', () => {
  const privateKey = generatePrivateKey()
  const local = createNobleSigner(privateKey)
  const { spki } = privateKey.publicKey
  const signatureAlgorithm = 'ecdsa-sha256'

  it('proves itself with one trial signature and then hands messages on', async () => {
    const seen: string[] = []
    const sign = async (bytes: Uint8Array): Promise<Uint8Array> => {
      seen.push(new TextDecoder().decode(bytes))
      return local.sign(bytes)
    }
    const signer = await createRemoteSigner({ spki, signatureAlgorithm, sign }, { verifier: nobleVerifier })
    expect(signer.key.spki).toEqual(spki)
    expect(await signer.sign(message)).toEqual(local.sign(message))
    expect(seen).toEqual([TRIAL_MESSAGE, 'hello'])
  })

  it('refuses a remote key that is not the key of the SPKI', async () => {
    const other = generatePrivateKey().publicKey.spki
    const remoteKey = { spki: other, signatureAlgorithm, sign: (bytes: Uint8Array) => local.sign(bytes) } as const
    expect(await codeOfAsync(() => createRemoteSigner(remoteKey, { verifier: nobleVerifier }))).toBe(
      'KEYS_SIGNATURE_INVALID',
    )
  })

  it('refuses a signature in the form of WebCrypto, which needs encodeEcdsaSignature', async () => {
    const sign = (bytes: Uint8Array): Uint8Array => decodeEcdsaSignature(local.sign(bytes), 'P-256')
    const attempt = createRemoteSigner({ spki, signatureAlgorithm, sign }, { verifier: nobleVerifier })
    await expect(attempt).rejects.toThrow(KeysError)
  })

  it('rejects with the reason of an aborted signal, and passes the signal on', async () => {
    const reason = new Error('enough')
    const sign = (bytes: Uint8Array): Uint8Array => local.sign(bytes)
    const aborted = { verifier: nobleVerifier, signal: AbortSignal.abort(reason) }
    await expect(createRemoteSigner({ spki, signatureAlgorithm, sign }, aborted)).rejects.toBe(reason)
    const controller = new AbortController()
    const signals: (AbortSignal | undefined)[] = []
    const signer = await createRemoteSigner(
      {
        spki,
        signatureAlgorithm,
        sign: (bytes, options) => {
          signals.push(options?.signal)
          return local.sign(bytes)
        },
      },
      { verifier: nobleVerifier, signal: controller.signal },
    )
    await signer.sign(message)
    expect(signals).toEqual([controller.signal, undefined])
  })
})
