import { encodeElement, encodeSequence } from '@meshid/der'
import { describe, expect, test } from 'vitest'
import { extension, refusalOf, verifyLeaf, webId } from './forge.ts'

/** RFC 5280 section 4.2.1.13. */
const CRL_DISTRIBUTION_POINTS = '2.5.29.31'

/** Where a list could be fetched, if anybody did. */
const value = encodeSequence(
  encodeSequence(
    encodeElement(0xa0, encodeElement(0xa0, encodeElement(0x86, new TextEncoder().encode('http://127.0.0.1:1/crl')))),
  ),
)

describe('revocation lists (X509-39)', () => {
  test('are not asked for: a leaf that says where one is passes, and says so', () => {
    const svid = verifyLeaf({ extensions: [extension(CRL_DISTRIBUTION_POINTS, value)] })
    expect(svid.spiffeId.toString()).toBe(webId)
    const point = svid.leaf.extensions.find(({ oid }) => oid === CRL_DISTRIBUTION_POINTS)
    expect(point?.value).toEqual(value)
  })

  test('are never passed over in silence where a certificate insists on them', () => {
    const insistent = { extensions: [extension(CRL_DISTRIBUTION_POINTS, value, true)] }
    const error = refusalOf(() => verifyLeaf(insistent))
    expect(error.code).toBe('SVID_PATH_INVALID')
    expect(error.message).toContain('crlDistributionPoints')
  })
})
