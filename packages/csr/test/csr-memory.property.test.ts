import { buildCsr, createCsrMemory, parseCsr, verifyCsr } from '@meshid/csr'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { codeOf, signers } from './forge.ts'

const good = await Promise.all(
  ['web', 'api', 'db'].map((name) => buildCsr({ signer: signers.Ed25519, uris: [`spiffe://example.org/${name}`] })),
)

/** Good requests, and what comes of them when bytes are written over, cut off or put behind. */
const bytes = fc
  .tuple(
    fc.constantFrom(...good),
    fc.option(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { nil: undefined }),
    fc.nat({ max: 2 }),
  )
  .map(([der, change, more]) => {
    const made = new Uint8Array(der.length + more)
    made.set(der)
    if (change !== undefined) {
      const at = change[0] % der.length
      made[at] = (made[at] ?? 0) ^ change[1]
    }
    return made
  })

const isGood = (der: Uint8Array): boolean => good.some((one) => one.join() === der.join())

test('with a memory, any bytes come to what they come to without one', () => {
  fc.assert(
    fc.property(
      fc.array(bytes, { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 1, max: 3 }),
      (requests, maxEntries) => {
        const memory = createCsrMemory({ maxEntries })
        for (const der of requests) {
          const { hits } = memory
          const code = codeOf(() => {
            const csr = memory.verify(der)
            expect(csr.der).toEqual(der)
            expect(csr.uris).toEqual(parseCsr(der).uris)
            expect(csr.key.spki).toEqual(parseCsr(der).publicKey.spki)
          })
          expect(code).toBe(codeOf(() => verifyCsr(parseCsr(der))))
          // Only bytes that verify are ever known again: no change of a remembered request is.
          if (memory.hits > hits) expect(isGood(der)).toBe(true)
          expect(memory.size).toBeLessThanOrEqual(maxEntries)
        }
      },
    ),
    { numRuns: 30 },
  )
})
