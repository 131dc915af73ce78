import { createPublicKey, verify } from 'node:crypto'
import { generatePrivateKey, nobleVerifier, readPublicKey } from '@meshid/keys'
import { createNodeSigner, nodeVerifier } from '@meshid/keys/node'
import { DerReader } from '@meshid/der'
import { expect, test } from 'vitest'

/** How much strict checks, reading and writing the key may add to a verification whose PEM text lies ready. */
const TARGET = 1.1
const ROUNDS = 60
const CALLS = 40

interface Contender {
  readonly name: string
  readonly run: () => unknown
  /** Calls a round; fewer for what is slow. */
  readonly calls?: number
}

/** Median microseconds of each contender, measured in turns, so that a busy machine slows all alike. */
function medians(contenders: readonly Contender[]): readonly number[] {
  const samples = contenders.map((): number[] => [])
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, { run, calls = CALLS }] of contenders.entries()) {
      const start = performance.now()
      for (let call = 0; call < calls; call++) run()
      samples[index]?.push(((performance.now() - start) * 1000) / calls)
    }
  }
  return samples.map((times) => times.toSorted((a, b) => a - b)[ROUNDS >> 1] ?? Number.NaN)
}

test('verifying P-256 over bare crypto.verify with a ready KeyObject', () => {
  const message = new Uint8Array(300).fill(0x61)
  const signer = createNodeSigner(generatePrivateKey())
  const { key, signatureAlgorithm } = signer
  const signature = signer.sign(message)
  const { spki } = key
  const keyObject = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
  const options = { key: Buffer.from(spki), format: 'der', type: 'spki' } as const
  const [node, noble, read, Reader] = [nodeVerifier, nobleVerifier, readPublicKey, DerReader]
  const pem = keyObject.export({ format: 'pem', type: 'spki' })
  const contenders: readonly Contender[] = [
    { name: 'crypto.verify, ready KeyObject', run: () => verify('sha256', message, keyObject, signature) },
    { name: 'crypto.verify, ready PEM text', run: () => verify('sha256', message, pem, signature) },
    {
      name: 'nodeVerifier, a new key each time',
      run: () => node.verify(read(new Reader(spki)), signatureAlgorithm, message, signature),
    },
    { name: 'crypto.verify, { key, format: der }', run: () => verify('sha256', message, options, signature) },
    {
      name: 'nobleVerifier',
      run: () => noble.verify(key.publicKey, signatureAlgorithm, message, signature),
      calls: 2,
    },
  ]
  medians(contenders)
  const times = medians(contenders)
  const floor = times[0] ?? Number.NaN
  for (const [index, { name }] of contenders.entries()) {
    console.log(`${((times[index] ?? Number.NaN) / floor).toFixed(2).padStart(6)} × floor  ${name}`)
  }
  const [, text = Number.NaN, ours = Number.NaN, objects = Number.NaN] = times
  expect(ours / text).toBeLessThanOrEqual(TARGET)
  expect(ours).toBeLessThan(objects)
})
