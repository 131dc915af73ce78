import { createTrustAnchors, parseCertificate } from '@meshid/certificate'
import { describe, expect, test } from 'vitest'
import { authority, basicConstraints, key, keyUsage, leaf, usage } from './forge.ts'
import { codeOf, refusalOf } from './refusal.ts'

const root = authority('root')

describe('createTrustAnchors', () => {
  test('keeps CAs in their order, each once (X509-47)', () => {
    const other = authority('other')
    const again = parseCertificate(root.certificate.der)
    const anchors = createTrustAnchors([root.certificate, other.certificate, again])
    expect(anchors.certificates).toEqual([root.certificate, other.certificate])
    expect(Object.isFrozen(anchors.certificates)).toBe(true)
  })

  test('finds anchors by name, several of one name included', () => {
    const twin = authority('root', { key: key(77) })
    const anchors = createTrustAnchors([root.certificate, twin.certificate])
    expect(anchors.named(root.certificate.subject)).toEqual([root.certificate, twin.certificate])
    expect(anchors.named(authority('nobody').certificate.subject)).toEqual([])
  })

  test('knows its own certificates, octet for octet', () => {
    const anchors = createTrustAnchors([root.certificate])
    expect(anchors.has(parseCertificate(root.certificate.der))).toBe(true)
    expect(anchors.has(authority('root', { key: key(77) }).certificate)).toBe(false)
  })

  test('takes an intermediate (X509-31) and an expired CA, whose time is judged at each use', () => {
    const intermediate = authority('intermediate', { by: root, notBefore: new Date(0), notAfter: new Date(1000) })
    expect(createTrustAnchors([intermediate.certificate]).certificates).toHaveLength(1)
  })

  test('is never empty', () => {
    expect(codeOf(() => createTrustAnchors([]))).toBe('CERT_TRUST_ANCHORS_EMPTY')
  })

  test('refuses a leaf (X509-33)', () => {
    const error = refusalOf(() => createTrustAnchors([leaf('spiffe://td.test/web', { by: root }).certificate]))
    expect(error).toMatchObject({
      code: 'CERT_NOT_A_CA',
      detail: { certificate: 'spiffe://td.test/web', expected: 'CA:TRUE', found: 'CA:FALSE' },
    })
    expect(codeOf(() => createTrustAnchors([authority('root', { extensions: [] }).certificate]))).toBe('CERT_NOT_A_CA')
  })

  test('refuses a CA that may not sign certificates (X509-14)', () => {
    const crlOnly = authority('root', { extensions: [basicConstraints(true), keyUsage(usage.crlSign)] })
    expect(codeOf(() => createTrustAnchors([crlOnly.certificate]))).toBe('CERT_NO_KEY_CERT_SIGN')
  })

  test('takes a root without key usage, as openssl req -x509 makes them (RFC 5280 section 6.1.1 (d))', () => {
    const silent = authority('root', { extensions: [basicConstraints(true)] })
    expect(createTrustAnchors([silent.certificate]).certificates).toHaveLength(1)
  })

  test('takes parsed certificates only', () => {
    expect(() => createTrustAnchors([Object.assign({}, root.certificate)])).toThrow(TypeError)
  })
})
