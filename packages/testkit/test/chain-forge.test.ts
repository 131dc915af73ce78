import { parseCertificate } from '@meshid/certificate'
import { forgeChains } from '@meshid/testkit'
import { describe, expect, test } from 'vitest'

const now = new Date('2026-11-21T12:00:00Z')

/** What the seed decides: everything but keys, and what is made with them. */
const shapes = (seed: number) =>
  forgeChains({ seed, count: 400, now }).map(({ label, path, svid, chain, anchors, trustDomain, purpose }) => {
    const parts = [label, path, svid, trustDomain, purpose, chain.length, anchors.length]
    return parts.join(' ')
  })

describe('forgeChains', () => {
  test('gives the same chains for the same seed, and others for another', () => {
    const first = shapes(7)
    expect(shapes(7)).toEqual(first)
    expect(shapes(8)).not.toEqual(first)
  })

  test('makes good chains of certificates that can be read, with 0 to 3 intermediates', () => {
    const good = forgeChains({ seed: 7, count: 400, now }).filter(({ label }) => label === 'good')
    expect(good).toHaveLength(100)
    for (const { chain, path, svid } of good) {
      const [leaf] = chain.map((der) => parseCertificate(der))
      expect(leaf?.subjectAltNames?.uris[0]).toMatch(/^spiffe:\/\/td\.test\/ns\/.*\/sa\/web$/)
      expect([path, svid]).toEqual(['accept', 'accept'])
    }
    const issuers = new Set(good.map(({ chain }) => parseCertificate(chain[0] ?? new Uint8Array()).issuer.commonName))
    expect(issuers).toEqual(new Set(['root', 'intermediate 0']))
  })

  test('changes the others in hundreds of ways, each with the verdict that it deserves', () => {
    const chains = forgeChains({ seed: 7, count: 1200, now })
    const labels = new Map(chains.map(({ label, path, svid }) => [label, `${path} ${svid}`]))
    expect(labels.size).toBeGreaterThan(280)
    expect(new Set(labels.values())).toEqual(new Set(['accept accept', 'refuse refuse', 'accept refuse']))
    expect(labels.get('leaf: serial number 0')).toBe('refuse refuse')
    expect(labels.get('leaf names: two SPIFFE IDs (X509-2)')).toBe('accept refuse')
  })
})
