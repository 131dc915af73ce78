import {
  buildCsr,
  createCsrMemory,
  CSR_MEMORY_BYTES,
  CSR_MEMORY_ENTRIES,
  MAX_CSR_BYTES,
  VerifiedCsr,
} from '@meshid/csr'
import { nobleVerifier, type Verifier } from '@meshid/keys'
import { describe, expect, test } from 'vitest'
import { codeOf, signers } from './forge.ts'

/** A request for one name; Ed25519 signs fastest with noble. */
const csrFor = (name: string): Promise<Uint8Array> =>
  buildCsr({ signer: signers.Ed25519, uris: [`spiffe://example.org/${name}`] })

/** A verifier that counts how often it is asked. */
function countingVerifier(): { readonly verifier: Verifier; readonly asked: () => number } {
  let asked = 0
  const verifier: Verifier = {
    verify(...proof) {
      asked += 1
      return nobleVerifier.verify(...proof)
    },
  }
  return { verifier, asked: () => asked }
}

describe('createCsrMemory', () => {
  test.each(['P-256', 'P-384', 'Ed25519'] as const)('a repeated %s request is verified once', async (algorithm) => {
    const { verifier, asked } = countingVerifier()
    const memory = createCsrMemory({ verifier })
    const der = await buildCsr({ signer: signers[algorithm], uris: ['spiffe://example.org/web'] })
    const first = memory.verify(der)
    expect(first).toBeInstanceOf(VerifiedCsr)
    expect(memory.verify(der.slice())).toBe(first)
    expect(asked()).toBe(1)
    expect([memory.hits, memory.misses, memory.size, memory.bytes]).toEqual([1, 1, 1, der.length])
  })

  test('Q1: a refusal is not remembered, neither of the signature nor of the encoding', async () => {
    const { verifier, asked } = countingVerifier()
    const memory = createCsrMemory({ verifier })
    const der = await csrFor('web')
    der[der.length - 5] = (der.at(-5) ?? 0) ^ 0x10
    for (let attempt = 0; attempt < 2; attempt++) {
      expect(codeOf(() => memory.verify(der))).toBe('CSR_SIGNATURE_INVALID')
      expect(codeOf(() => memory.verify(der.subarray(1)))).toBe('CSR_MALFORMED')
    }
    expect(asked()).toBe(2)
    expect([memory.hits, memory.misses, memory.size, memory.bytes]).toEqual([0, 4, 0, 0])
  })

  test('a verifier that fails for a moment is asked again', async () => {
    let broken = true
    const verifier: Verifier = {
      verify(...proof) {
        if (broken) throw new Error('no connection')
        return nobleVerifier.verify(...proof)
      },
    }
    const memory = createCsrMemory({ verifier })
    const der = await csrFor('web')
    expect(() => memory.verify(der)).toThrow('no connection')
    broken = false
    expect(memory.verify(der).uris).toEqual(['spiffe://example.org/web'])
  })

  test('bytes that change afterwards change nothing of what is remembered', async () => {
    const memory = createCsrMemory()
    const der = await csrFor('web')
    const again = der.slice()
    memory.verify(der)
    der.fill(0)
    expect(memory.verify(again).uris).toEqual(['spiffe://example.org/web'])
    expect(codeOf(() => memory.verify(der))).toBe('CSR_MALFORMED')
    expect(memory.hits).toBe(1)
  })

  test('bytes that change between the look and the check change nothing of what is checked and remembered', async () => {
    const [der, other] = [await csrFor('web'), await csrFor('api')]
    let shared: Uint8Array | undefined = der.slice()
    const memory = createCsrMemory({
      digest(bytes) {
        const text = bytes.join()
        shared?.set(other) // somebody else writes, as only shared memory allows
        shared = undefined
        return text
      },
    })
    expect(memory.verify(shared).uris).toEqual(['spiffe://example.org/web'])
    expect(memory.verify(der).uris).toEqual(['spiffe://example.org/web'])
    expect(memory.verify(other).uris).toEqual(['spiffe://example.org/api'])
  })

  test('of too many requests, the one that was used least recently is forgotten', async () => {
    const { verifier, asked } = countingVerifier()
    const memory = createCsrMemory({ maxEntries: 2, verifier })
    const [one, two, three] = [await csrFor('one'), await csrFor('two'), await csrFor('three')]
    for (const der of [one, two, one, three]) memory.verify(der)
    expect([memory.size, asked()]).toEqual([2, 3])
    memory.verify(one)
    expect(asked()).toBe(3)
    memory.verify(two)
    expect(asked()).toBe(4)
    expect(memory.bytes).toBe(one.length + two.length)
  })

  test('many bytes are forgotten as many requests are, and one that alone has too many is not kept', async () => {
    const [one, two, long] = [await csrFor('one'), await csrFor('two'), await csrFor('a'.repeat(400))]
    const memory = createCsrMemory({ maxRememberedBytes: one.length + two.length })
    for (const der of [one, two, long, one, two]) memory.verify(der)
    expect([memory.size, memory.bytes, memory.hits]).toEqual([2, one.length + two.length, 2])
    const small = createCsrMemory({ maxRememberedBytes: one.length + two.length - 1 })
    for (const der of [one, two]) small.verify(der)
    expect([small.size, small.bytes]).toEqual([1, two.length])
  })

  test('what is longer than a request may be is not even hashed', () => {
    const memory = createCsrMemory({
      digest() {
        throw new Error('not reached')
      },
    })
    expect(codeOf(() => memory.verify(new Uint8Array(MAX_CSR_BYTES + 1)))).toBe('CSR_TOO_LARGE')
    expect(memory.misses).toBe(1)
  })

  test('policy holds for every request (Q9)', async () => {
    const memory = createCsrMemory({ keyAlgorithms: ['P-256'], maxBytes: 300 })
    const der = await csrFor('web')
    expect(codeOf(() => memory.verify(der))).toBe('CSR_UNSUPPORTED_KEY')
    expect(codeOf(() => memory.verify(new Uint8Array(301)))).toBe('CSR_TOO_LARGE')
  })

  test('it shows counts and nothing else, and keeps to them', async () => {
    const memory = createCsrMemory()
    memory.verify(await csrFor('web'))
    expect(Object.keys(memory)).toEqual(['verify', 'size', 'bytes', 'hits', 'misses'])
    expect(Object.isFrozen(memory)).toBe(true)
    expect(JSON.stringify(memory)).toMatch(/^\{"size":1,"bytes":\d+,"hits":0,"misses":1\}$/)
  })

  test('limits that limit nothing are a caller bug', () => {
    for (const limit of [0, -1, 1.5, Number.NaN, Infinity]) {
      expect(() => createCsrMemory({ maxEntries: limit })).toThrow(RangeError)
      expect(() => createCsrMemory({ maxRememberedBytes: limit })).toThrow(RangeError)
    }
    expect(CSR_MEMORY_ENTRIES * 400).toBeLessThan(CSR_MEMORY_BYTES)
  })
})
