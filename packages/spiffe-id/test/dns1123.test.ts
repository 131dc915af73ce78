import {
  dns1123LabelErrors,
  dns1123SubdomainCaselessErrors,
  dns1123SubdomainErrors,
  isDns1123Label,
  isDns1123Subdomain,
  isDns1123SubdomainCaseless,
  MAX_DNS1123_LABEL_BYTES,
  MAX_DNS1123_SUBDOMAIN_BYTES,
} from '@meshid/spiffe-id'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const caseless = /^[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?(\.[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?)*$/
const nearby = fc.oneof(fc.string({ unit: fc.constantFrom('a', '0', '-', '.', 'Z', '_', '\u212A') }), fc.string())

describe('DNS-1123', () => {
  it("agrees with Kubernetes' regular expressions on anything", () => {
    fc.assert(
      fc.property(nearby, (value) => {
        expect(isDns1123Label(value)).toBe(label.test(value) && value.length <= 63)
        expect(isDns1123Subdomain(value)).toBe(subdomain.test(value))
        expect(isDns1123SubdomainCaseless(value)).toBe(caseless.test(value))
        expect(dns1123LabelErrors(value).length === 0).toBe(isDns1123Label(value))
        expect(dns1123SubdomainErrors(value).length === 0).toBe(isDns1123Subdomain(value))
        expect(dns1123SubdomainCaselessErrors(value).length === 0).toBe(isDns1123SubdomainCaseless(value))
      }),
    )
  })

  it('counts the length in bytes of UTF-8, and gives both reasons when both hold', () => {
    expect(dns1123LabelErrors('a'.repeat(MAX_DNS1123_LABEL_BYTES))).toEqual([])
    expect(dns1123LabelErrors('a'.repeat(MAX_DNS1123_LABEL_BYTES + 1))).toEqual(['must be no more than 63 bytes'])
    expect(dns1123LabelErrors('\u00E9'.repeat(32))).toEqual([
      'must be no more than 63 bytes',
      expect.stringMatching(/^a lowercase RFC 1123 label must consist/),
    ])
    expect(dns1123LabelErrors(`${'a'.repeat(40)}.${'a'.repeat(40)}`)).toEqual([
      'must be no more than 63 bytes',
      'must not contain dots',
    ])
    expect(dns1123SubdomainErrors('a.'.repeat(MAX_DNS1123_SUBDOMAIN_BYTES))).toHaveLength(2)
  })

  it('ID-21: letters that only fold to ASCII are no letters, caseless or not', () => {
    for (const value of ['\u212A', '\u017F', 'a\u212Ab', '\uD800']) {
      expect(isDns1123Label(value)).toBe(false)
      expect(isDns1123Subdomain(value)).toBe(false)
      expect(isDns1123SubdomainCaseless(value)).toBe(false)
    }
  })

  it('decides a million dashes at once', () => {
    const long = `a${'-'.repeat(1_000_000)}`
    expect(dns1123LabelErrors(long)).toHaveLength(2)
    expect(isDns1123Subdomain(long)).toBe(false)
  })
})
