import { encodeTrustBundle, parseTrustBundle, parseTrustBundleMap, TrustBundleError } from '@meshid/trust-bundle'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createAuthority, jwtJwk, trustDomain, x509Jwk } from './authorities.ts'

const a = await createAuthority('a')
const b = await createAuthority('b', { algorithm: 'P-384' })
const document = JSON.stringify({
  keys: [x509Jwk(a.certificate), jwtJwk(b.certificate)],
  spiffe_sequence: 7,
  spiffe_refresh_hint: 60,
})

/** A sweep takes seconds on a busy machine; one that takes this long hangs somewhere. */
const SWEEP_MS = 60_000

/** Says whether a document is read, and lets through nothing but coded errors. */
function isRead(text: string | Uint8Array): boolean {
  try {
    const bundle = parseTrustBundle(text, {
      trustDomain,
      onIgnored: ({ error }) => expect(error).toBeInstanceOf(TrustBundleError),
    })
    const again = parseTrustBundle(encodeTrustBundle(bundle), { trustDomain })
    expect(encodeTrustBundle(again)).toBe(encodeTrustBundle(bundle))
    return true
  } catch (error) {
    expect(error).toBeInstanceOf(TrustBundleError)
    return false
  }
}

describe('parseTrustBundle', { timeout: 60_000 }, () => {
  test('reads any JSON with keys as JSON.parse would, and refuses what that refuses', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), fc.nat(2), (json, indent) => {
        const text = JSON.stringify({ other: JSON.parse(json), keys: [JSON.parse(json)] }, undefined, indent)
        expect(parseTrustBundle(text, { trustDomain }).isEmpty).toBe(true)
      }),
    )
    fc.assert(
      fc.property(fc.string(), (text) => {
        let isJson = true
        try {
          JSON.parse(text)
        } catch {
          isJson = false
        }
        if (!isJson) expect(() => parseTrustBundle(text, { trustDomain })).toThrow(TrustBundleError)
        else expect(() => parseTrustBundle(`{"keys":[],"a":${text}}`, { trustDomain })).not.toThrow()
      }),
    )
  })

  test('keeps any sequence number of 64 bits', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (sequence) => {
        const bundle = parseTrustBundle(`{"keys":[],"spiffe_sequence":${sequence}}`, { trustDomain })
        expect(bundle.sequenceNumber).toBe(sequence)
      }),
    )
  })

  test(
    'answers each flipped bit and each truncation of a good document with a code or a well-formed bundle',
    () => {
      const bytes = new TextEncoder().encode(document)
      expect(isRead(bytes)).toBe(true)
      for (let length = 0; length < bytes.length; length++) expect(isRead(bytes.slice(0, length))).toBe(false)
      let read = 0
      for (let at = 0; at < bytes.length; at++) {
        const bad = bytes.slice()
        bad[at] = (bad[at] ?? 0) ^ (1 << (at % 8))
        if (isRead(bad)) read += 1
      }
      expect(read).toBeGreaterThan(0)
    },
    SWEEP_MS,
  )

  test('no map of garbage ends otherwise', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (domains) => {
        try {
          parseTrustBundleMap(JSON.stringify({ trust_domains: domains }))
        } catch (error) {
          expect(error).toBeInstanceOf(TrustBundleError)
        }
      }),
    )
  })
})
