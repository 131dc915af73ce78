import {
  buildCsr,
  createCsrMemory,
  createCsrVerifier,
  MAX_CSR_BYTES,
  parseCsr,
  VerifiedCsr,
  verifyCsr,
} from '@meshid/csr'
import { type AsyncVerifier, KeysError, nobleVerifier } from '@meshid/keys'
import { describe, expect, test } from 'vitest'
import { codeOf, signers } from './forge.ts'

const csrFor = (name: string): Promise<Uint8Array> =>
  buildCsr({ signer: signers.Ed25519, uris: [`spiffe://example.org/${name}`] })

/** Answers in another turn. */
const later: AsyncVerifier = {
  verifyAsync: async (...proof) => {
    await Promise.resolve()
    return nobleVerifier.verify(...proof)
  },
}

async function codeOfAsync(act: () => unknown): Promise<string | undefined> {
  try {
    await act()
  } catch (error) {
    return codeOf(() => {
      throw error
    })
  }
  return 'nothing was thrown'
}

describe('createCsrVerifier', () => {
  test.each(['P-256', 'P-384', 'Ed25519'] as const)('says of %s what verifyCsr says', async (algorithm) => {
    const der = await buildCsr({ signer: signers[algorithm], uris: ['spiffe://example.org/web'] })
    const csr = createCsrVerifier().verify(der)
    expect(csr).toBeInstanceOf(VerifiedCsr)
    const expected = verifyCsr(parseCsr(der))
    expect([csr.uris, csr.key.spki, csr.der]).toEqual([expected.uris, expected.key.spki, der])
  })

  test('Q1: what was verified stays as it was, whatever happens to the bytes and beside them', async () => {
    const verifier = createCsrVerifier()
    const ders = await Promise.all(Array.from({ length: 40 }, (_, index) => csrFor(`web-${index}`)))
    const csrs = ders.map((der) => {
      const given = der.slice()
      const csr = verifier.verify(given)
      expect(codeOf(() => verifier.verify(der.subarray(1)))).toBe('CSR_MALFORMED')
      given.fill(0)
      return csr
    })
    expect(csrs.map(({ der }) => der)).toEqual(ders)
    expect(csrs.map(({ uris }) => uris)).toEqual(ders.map((_, index) => [`spiffe://example.org/web-${index}`]))
  })

  test('a request that is refused leaves no trace in the next one', async () => {
    const verifier = createCsrVerifier()
    const [good, bad] = [await csrFor('web'), await csrFor('a-longer-name')]
    bad[bad.length - 5] = (bad.at(-5) ?? 0) ^ 0x10
    for (let round = 0; round < 3; round++) {
      expect(codeOf(() => verifier.verify(bad))).toBe('CSR_SIGNATURE_INVALID')
      expect(verifier.verify(good).der).toEqual(good)
    }
  })

  test('a long request has bytes of its own', async () => {
    const der = await csrFor('a'.repeat(1500))
    const { publicKey } = createCsrVerifier().verify(der)
    expect(publicKey.spki.buffer.byteLength).toBe(der.length)
  })

  test('policy and limit hold', async () => {
    const verifier = createCsrVerifier({ keyAlgorithms: ['P-256'], maxBytes: 300 })
    expect(codeOf(() => verifier.verify(new Uint8Array(301)))).toBe('CSR_TOO_LARGE')
    const der = await csrFor('web')
    expect(codeOf(() => verifier.verify(der))).toBe('CSR_UNSUPPORTED_KEY')
    expect(codeOf(() => createCsrVerifier().verify(new Uint8Array(MAX_CSR_BYTES + 1)))).toBe('CSR_TOO_LARGE')
  })
})

describe('with a verifier that answers later', () => {
  test('every byte that is changed is refused with the code that it has at once', async () => {
    const der = await csrFor('web')
    const [atOnce, asPromise] = [createCsrVerifier(), createCsrVerifier({ verifier: later })]
    for (let at = 0; at < der.length; at++) {
      const changed = der.slice()
      changed[at] = (changed[at] ?? 0) ^ 0x04
      expect(await codeOfAsync(() => asPromise.verify(changed))).toBe(codeOf(() => atOnce.verify(changed)))
    }
    expect((await asPromise.verify(der)).uris).toEqual(['spiffe://example.org/web'])
  })

  test('bytes that change while it thinks change nothing', async () => {
    const der = await csrFor('web')
    const given = der.slice()
    const csr = createCsrVerifier({ verifier: later }).verify(given)
    given.fill(0)
    expect((await csr).der).toEqual(der)
  })

  test('a memory knows again at once what was verified, and no refusal', async () => {
    const memory = createCsrMemory({ verifier: later })
    const [der, bad] = [await csrFor('web'), await csrFor('api')]
    bad[bad.length - 5] = (bad.at(-5) ?? 0) ^ 0x10
    const both = await Promise.all([memory.verify(der), memory.verify(der)])
    expect(both.map(({ uris }) => uris)).toEqual([['spiffe://example.org/web'], ['spiffe://example.org/web']])
    expect(memory.verify(der)).toBeInstanceOf(VerifiedCsr)
    expect(await codeOfAsync(() => memory.verify(bad))).toBe('CSR_SIGNATURE_INVALID')
    expect(await codeOfAsync(() => memory.verify(bad))).toBe('CSR_SIGNATURE_INVALID')
    expect([memory.hits, memory.misses, memory.size, memory.bytes]).toEqual([1, 4, 1, der.length])
  })

  test('a refusal that is not about the request stays what it is', async () => {
    const busy: AsyncVerifier = { verifyAsync: () => Promise.reject(new KeysError('KEYS_QUEUE_FULL', 'busy')) }
    const der = await csrFor('web')
    const verdict = createCsrVerifier({ verifier: busy }).verify(der)
    await expect(verdict).rejects.toMatchObject({ name: 'KeysError', code: 'KEYS_QUEUE_FULL' })
  })
})
