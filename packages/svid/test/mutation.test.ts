import { nobleVerifier, type Verifier } from '@meshid/keys'
import { SvidError, verifySvid } from '@meshid/svid'
import { describe, expect, test } from 'vitest'
import { authority, bundles, intermediate, now, root, web, webId, workload } from './forge.ts'

const ed25519 = authority('ed25519', { by: root })
const chains = [
  ['of two certificates', [web, intermediate]],
  ['with a root behind it', [workload(webId, ed25519, { commonName: 'web' }), ed25519, root]],
] as const

/** Signatures are somebody else's sweep: here each verifies, so that everything behind them is reached. */
const believer: Verifier = { verify: () => true }

/** A sweep takes seconds on a busy machine; one that takes this long hangs somewhere. */
const SWEEP_MS = 60_000

/** Whether the chain is still that of a valid SVID; nothing but coded errors comes through. */
function isValid(chain: readonly Uint8Array[], verifier: Verifier = nobleVerifier): boolean {
  try {
    const svid = verifySvid({ chain, bundles, now, purpose: 'client' }, { verifier })
    expect(svid.trustDomain.name).toBe('td.test')
    expect(svid.notAfter.getTime()).toBeGreaterThan(0)
    return true
  } catch (error) {
    expect(error).toBeInstanceOf(SvidError)
    return false
  }
}

describe.each(chains)('mutation sweep of a chain %s', (_, links) => {
  const ders = links.map(({ certificate }) => certificate.der)
  const withLink = (at: number, der: Uint8Array) => ders.map((other, index) => (index === at ? der : other))

  test('the chain itself is valid', () => {
    expect(isValid(ders)).toBe(true)
  })

  test(
    'no flipped bit of the leaf leaves it valid: ID and key are in the signed part (ID-34)',
    () => {
      const leaf = links[0].certificate.der
      for (let at = 0; at < leaf.length; at++) {
        const bad = leaf.slice()
        bad[at] = (bad[at] ?? 0) ^ (1 << (at % 8))
        expect(isValid(withLink(0, bad))).toBe(false)
      }
    },
    SWEEP_MS,
  )

  test(
    'each flipped bit and each truncation of any link is refused with a code, or still well-formed',
    () => {
      for (const [index, der] of ders.entries()) {
        for (let length = 0; length < der.length; length += 1) {
          expect(isValid(withLink(index, der.subarray(0, length)), believer)).toBe(false)
        }
        let valid = 0
        for (let bit = 0; bit < der.length * 8; bit++) {
          const bad = der.slice()
          bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7))
          if (isValid(withLink(index, bad), believer)) valid += 1
        }
        expect(valid).toBeGreaterThan(0)
      }
    },
    SWEEP_MS,
  )

  test('links that are left out, doubled or in another order are refused with a code, or harmless', () => {
    const [leaf, others] = [links[0].certificate.der, ders.slice(1)]
    expect(isValid([leaf])).toBe(false)
    expect(isValid([leaf, ...others.toReversed(), ...others])).toBe(true)
    expect(isValid([...others, leaf])).toBe(false)
  })
})
