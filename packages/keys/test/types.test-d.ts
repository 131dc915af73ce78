import { createNobleSigner, generatePrivateKey, PrivateKey, ProvenKey, PublicKey, type Signer } from '@meshid/keys'
import { expectTypeOf, test } from 'vitest'

declare function issueFor(key: ProvenKey): void
declare function show(key: PublicKey): void

test('a key that was only parsed is not a proven key', () => {
  const { publicKey } = generatePrivateKey()
  show(publicKey)
  // @ts-expect-error possession of this key was not shown
  issueFor(publicKey)
  expectTypeOf<PublicKey>().not.toExtend<ProvenKey>()
})

test('a record with the right fields is neither a public, nor a proven, nor a private key', () => {
  const { publicKey } = generatePrivateKey()
  const { algorithm, spki, raw } = publicKey
  // @ts-expect-error made by parsePublicKey only
  show({ algorithm, spki, raw })
  // @ts-expect-error made by proveKey and signers only
  issueFor({ algorithm, spki, publicKey })
  // @ts-expect-error the constructor is private
  void new ProvenKey(publicKey)
  // @ts-expect-error the constructor is private
  void new PublicKey('P-256', spki, 0, 91, 26)
  // @ts-expect-error the constructor is private
  void new PrivateKey(publicKey, spki)
})

test('the key of a signer is proven, and a local signer answers at once', () => {
  const signer = createNobleSigner(generatePrivateKey())
  issueFor(signer.key)
  expectTypeOf(signer).toExtend<Signer>()
  expectTypeOf<(typeof signer)['sign']>().returns.toEqualTypeOf<Uint8Array>()
  expectTypeOf<Signer['sign']>().returns.toEqualTypeOf<Uint8Array | Promise<Uint8Array>>()
})

test('RSA keys are read, never generated', () => {
  // @ts-expect-error RSA is not offered
  generatePrivateKey('RSA')
})
