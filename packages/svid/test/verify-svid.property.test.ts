import { parseSpiffeId, SpiffeIdError } from '@meshid/spiffe-id'
import { authorizeId, authorizeSvidSync, SvidError } from '@meshid/svid'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { codeOf, hours, intermediate, newKey, now, verify, verifyLeaf, workload } from './forge.ts'

const key = newKey()
const segment = fc.stringMatching(/^[a-zA-Z0-9_-]{1,12}$/)
const path = fc.array(segment, { minLength: 1, maxLength: 5 }).map((segments) => `/${segments.join('/')}`)
const isId = (text: string): boolean => {
  try {
    return parseSpiffeId(text).path !== ''
  } catch (error) {
    if (error instanceof SpiffeIdError) return false
    throw error
  }
}

describe('verifySvid', { timeout: 60_000 }, () => {
  test('finds in the leaf the ID that was put into it (X509-1, X509-5)', () => {
    fc.assert(
      fc.property(path, (text) => {
        const uri = `spiffe://td.test${text}`
        expect(verify([workload(uri, intermediate, { key }), intermediate]).spiffeId.toString()).toBe(uri)
      }),
      { numRuns: 30 },
    )
  })

  test('accepts a URI name exactly when it is an ID of a workload (X509-5, X509-7)', () => {
    const odd = fc.oneof(
      fc.stringMatching(/^[!-~]{0,20}$/).map((text) => `spiffe://td.test${text}`),
      fc.webUrl(),
      path.map((text) => `spiffe://td.test${text}`),
    )
    fc.assert(
      fc.property(odd, (uri) => {
        const recipe = { names: [{ uri }], key }
        if (!isId(uri)) expect(() => verifyLeaf(recipe)).toThrow(SvidError)
        else if (uri.startsWith('spiffe://td.test/')) expect(verifyLeaf(recipe).spiffeId.toString()).toBe(uri)
        else expect(codeOf(() => verifyLeaf(recipe))).toBe('SVID_BUNDLE_MISSING')
      }),
      { numRuns: 60 },
    )
  })

  test('accepts exactly the instants from notBefore to the end of notAfter (X509-36)', () => {
    const leaf = workload('spiffe://td.test/web', intermediate, { notBefore: hours(0), notAfter: hours(1) })
    fc.assert(
      fc.property(fc.integer({ min: -7200, max: 7200 }), (seconds) => {
        const at = new Date(now.getTime() + seconds * 1000)
        const operation = () => verify([leaf, intermediate], { now: at })
        if (seconds >= 0 && seconds <= 3600) expect(operation).not.toThrow()
        else expect(operation).toThrow(SvidError)
      }),
      { numRuns: 60 },
    )
  })

  test('and authorizeId accept an ID exactly when it is the same, octet for octet (ID-19)', () => {
    const svids = ['/a', '/a/b', '/ab', '/A', '/a-b'].map((text) =>
      verify([workload(`spiffe://td.test${text}`, intermediate, { key }), intermediate]),
    )
    fc.assert(
      fc.property(fc.constantFrom(...svids), fc.constantFrom(...svids), (one, other) => {
        const operation = () => authorizeSvidSync(one, authorizeId(other.spiffeId))
        if (one.spiffeId.equals(other.spiffeId)) expect(operation).not.toThrow()
        else expect(codeOf(operation)).toBe('SVID_ID_MISMATCH')
      }),
    )
  })
})
