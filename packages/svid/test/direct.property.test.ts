import type { Verifier } from '@meshid/keys'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dersOf, directVerdict } from './direct-verdict.ts'
import { authority, intermediate, root, web, webId, workload } from './forge.ts'

/** Signatures are somebody else's sweep: here each verifies, so that everything behind them is reached. */
const believer: Verifier = { verify: () => true }

/** A sweep takes seconds on a busy machine; one that takes this long hangs somewhere. */
const SWEEP_MS = 60_000

const spire = authority('spire', { by: root, names: [{ uri: 'spiffe://td.test' }] })
const chains = [
  ['of two certificates', dersOf([web, intermediate])],
  [
    'with its authority',
    dersOf([workload(webId, spire, { commonName: 'web', names: [{ dns: 'web' }, { uri: webId }] }), spire, root]),
  ],
] as const

/** `directVerdict` holds each yes against `verifySvid`, and throws when they differ; here it is enough to ask. */
const isDecided = (chain: readonly Uint8Array[], authorities?: readonly Uint8Array[]): boolean =>
  directVerdict(chain, { verifier: believer, ...(authorities === undefined ? {} : { authorities }) }) !== undefined

describe.each(chains)('what is done to a chain %s: verifySvid says the same, or nothing is decided', (_, ders) => {
  const withLink = (at: number, der: Uint8Array) => ders.map((other, index) => (index === at ? der : other))

  test('to begin with, it is decided', () => {
    expect(directVerdict(ders)).toBeDefined()
    expect(isDecided(ders)).toBe(true)
  })

  test(
    'each flipped bit of each certificate, whose signatures are believed (X509-26)',
    () => {
      for (const [index, der] of ders.entries()) {
        let decided = 0
        for (let bit = 0; bit < der.length * 8; bit++) {
          const bad = der.slice()
          bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7))
          if (isDecided(withLink(index, bad))) decided += 1
        }
        // Serial numbers, keys and signatures are octets that mean nothing to whoever believes all signatures.
        expect(decided > 500).toBe(index < 2)
      }
    },
    SWEEP_MS,
  )

  test(
    'each octet of the authority, whose signatures are believed (X509-33)',
    () => {
      const anchor = root.certificate.der
      for (let at = 0; at < anchor.length; at++) {
        for (const value of [0x00, 0x01, 0x30, 0x7f, 0x80, 0xff]) {
          const bad = anchor.with(at, value)
          expect(isDecided(ders.slice(0, 2), [bad])).toBeTypeOf('boolean')
        }
      }
    },
    SWEEP_MS,
  )

  test('each truncation, and each octet behind the end (X509-35)', () => {
    for (const [index, der] of ders.entries()) {
      for (let length = 0; length < der.length; length++) {
        expect(isDecided(withLink(index, der.subarray(0, length)))).toBe(false)
      }
      expect(isDecided(withLink(index, Uint8Array.of(...der, 0)))).toBe(false)
    }
  })

  test('links that are left out, doubled or in another order (X509-30)', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...ders, root.certificate.der), { maxLength: 5 }), (links) => {
        expect(isDecided(links)).toBeTypeOf('boolean')
      }),
      { numRuns: 300 },
    )
  })

  test('octets that are cut out, put in and overwritten', () => {
    const change = fc.record({
      link: fc.nat(ders.length - 1),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      cut: fc.nat(4),
      octets: fc.uint8Array({ maxLength: 4 }),
    })
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const changed = [...ders]
        for (const { link, at, cut, octets } of changes) {
          const der = changed[link] ?? new Uint8Array()
          const place = Math.floor(at * der.length)
          changed[link] = Uint8Array.of(...der.subarray(0, place), ...octets, ...der.subarray(place + cut))
        }
        expect(isDecided(changed)).toBeTypeOf('boolean')
      }),
      { numRuns: 2000 },
    )
  })
})

describe('what is no chain at all', () => {
  test('junk of any length is not decided', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 600 }), { maxLength: 6 }), (junk) => {
        expect(isDecided(junk)).toBe(false)
        expect(isDecided(dersOf([web, intermediate]), junk)).toBe(false)
      }),
    )
  })

  test('neither is a megabyte of it, before or behind the leaf (X509-30)', () => {
    const megabyte = new Uint8Array(0x100000).fill(0x30)
    expect(isDecided([megabyte])).toBe(false)
    expect(isDecided([...dersOf([web, intermediate]), megabyte])).toBe(false)
    expect(isDecided(Array<Uint8Array>(100_000).fill(web.certificate.der))).toBe(false)
    expect(isDecided(dersOf([web, intermediate]), [megabyte])).toBe(false)
  })
})
