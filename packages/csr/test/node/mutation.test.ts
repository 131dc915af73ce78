import { buildCsr, createCsrMemory, parseCsr, verifyCsr } from '@meshid/csr'
import { generatePrivateKey } from '@meshid/keys'
import { createNodeSigner, nodeSha256Hex, nodeVerifier } from '@meshid/keys/node'
import { describe, expect, test } from 'vitest'
import { codeOf } from '../forge.ts'

/** Every bit of a P-256 request; of the others, whose checks are dearer, one bit of each byte. */
const sweeps = [
  ['P-256', 1],
  ['P-384', 9],
  ['Ed25519', 9],
] as const

describe.each(sweeps)('mutation sweep over a %s request', (algorithm, step) => {
  test('no flipped bit leaves a request that verifies (Q1)', { timeout: 60_000 }, async () => {
    const signer = createNodeSigner(generatePrivateKey(algorithm))
    const der = await buildCsr({ signer, dnsNames: ['web'], uris: ['spiffe://example.org/web'] })
    expect(codeOf(() => verifyCsr(parseCsr(der), { verifier: nodeVerifier }))).toBeUndefined()
    const codes = new Set<string | undefined>()
    for (let bit = 0; bit < der.length * 8; bit += step) {
      const bad = der.slice()
      bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      codes.add(codeOf(() => verifyCsr(parseCsr(bad), { verifier: nodeVerifier })))
    }
    expect(codes).toContain('CSR_SIGNATURE_INVALID')
    expect(codes).toContain('CSR_MALFORMED')
    expect(codes).not.toContain(undefined)
  })
})

test('no flipped bit makes a request pass for one that is remembered (Q1)', { timeout: 60_000 }, async () => {
  const memory = createCsrMemory({ verifier: nodeVerifier, digest: nodeSha256Hex })
  const signer = createNodeSigner(generatePrivateKey('P-256'))
  const der = await buildCsr({ signer, dnsNames: ['web'], uris: ['spiffe://example.org/web'] })
  const csr = memory.verify(der)
  for (let bit = 0; bit < der.length * 8; bit += 1) {
    const bad = der.slice()
    bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    expect(codeOf(() => memory.verify(bad))).toMatch(/^CSR_/)
  }
  expect([memory.hits, memory.size]).toEqual([0, 1])
  expect(memory.verify(der)).toBe(csr)
})
