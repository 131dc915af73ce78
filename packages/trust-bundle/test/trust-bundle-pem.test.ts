import { encodePem } from '@meshid/der'
import { encodeCertificatePem } from '@meshid/certificate'
import {
  createTrustBundle,
  encodeTrustBundlePem,
  type IgnoredMember,
  parseTrustBundle,
  parseTrustBundlePem,
} from '@meshid/trust-bundle'
import { describe, expect, test } from 'vitest'
import { codeOf, createAuthority, createLeaf, reasons, refusalOf, trustDomain } from './authorities.ts'

const a = await createAuthority('a')
const b = await createAuthority('b')
const pem = encodeCertificatePem(a.certificate) + encodeCertificatePem(b.certificate)

describe('trust bundles in PEM', () => {
  test('are read with text around the blocks, and written without', () => {
    const text = `# roots\r\n\r\nsubject=CN=a\n${pem}\nthe end\n`
    const bundle = parseTrustBundlePem(text, { trustDomain })
    expect(bundle.x509Authorities.map(({ der }) => der)).toEqual([a.certificate.der, b.certificate.der])
    expect(encodeTrustBundlePem(bundle)).toBe(pem)
    expect(encodeTrustBundlePem(createTrustBundle({ trustDomain }))).toBe('')
  })

  test('tell of each block that is no certificate, even a private key', () => {
    const ignored: IgnoredMember[] = []
    const text = `${encodePem('PRIVATE KEY', Uint8Array.of(1))}${pem}${encodePem('X509 CRL', Uint8Array.of(1))}`
    const bundle = parseTrustBundlePem(text, { trustDomain, onIgnored: (member) => ignored.push(member) })
    expect(bundle.x509Authorities).toHaveLength(2)
    expect(reasons(ignored)).toEqual([
      'line 1 TRUST_BUNDLE_BLOCK_IGNORED',
      expect.stringMatching(/^line \d+ TRUST_BUNDLE_BLOCK_IGNORED$/),
    ])
    expect(ignored[0]?.error.message).toContain('PRIVATE KEY')
    expect(parseTrustBundlePem(text, { trustDomain })).toMatchObject({ isEmpty: false })
  })

  test('are refused when a block is cut off or cannot be read: nothing is dropped in silence (X509-35)', () => {
    const cut = pem.slice(0, -40)
    expect(refusalOf(() => parseTrustBundlePem(cut, { trustDomain }))).toMatchObject({
      code: 'TRUST_BUNDLE_PEM_INVALID',
      detail: { certificate: 'CERT_PEM_INVALID' },
    })
    const bad = pem + encodePem('CERTIFICATE', Uint8Array.of(0x30, 0))
    expect(codeOf(() => parseTrustBundlePem(bad, { trustDomain }))).toBe('TRUST_BUNDLE_PEM_INVALID')
  })

  test('are refused when empty, because an operator meant something', () => {
    expect(refusalOf(() => parseTrustBundlePem('', { trustDomain })).detail).toMatchObject({
      certificate: 'CERT_PEM_EMPTY',
    })
  })

  test('are refused with a leaf among the authorities (X509-33)', async () => {
    const text = pem + encodeCertificatePem(await createLeaf(a))
    expect(codeOf(() => parseTrustBundlePem(text, { trustDomain }))).toBe('TRUST_BUNDLE_NOT_A_CA')
  })

  test('are refused when too long', () => {
    expect(codeOf(() => parseTrustBundlePem(pem, { trustDomain, maxBytes: 100 }))).toBe('TRUST_BUNDLE_TOO_LARGE')
  })

  test('are another format than bundle documents, and neither reader takes the other (BUNDLE-22)', () => {
    expect(codeOf(() => parseTrustBundle(pem, { trustDomain }))).toBe('TRUST_BUNDLE_JSON_INVALID')
    expect(codeOf(() => parseTrustBundlePem('{"keys":[]}', { trustDomain }))).toBe('TRUST_BUNDLE_PEM_INVALID')
  })
})
