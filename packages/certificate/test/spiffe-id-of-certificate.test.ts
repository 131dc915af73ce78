import { type Certificate, checkSvidLeaf, parseCertificate, spiffeIdOfCertificate } from '@meshid/certificate'
import { describe, expect, test } from 'vitest'
import { basicConstraints, forge, generalName, keyUsage, name, subjectAltName, uriName, usage } from './forge.ts'
import { codeOf, refusalOf } from './refusal.ts'

const id = 'spiffe://td.test/ns/emojivoto/sa/web'

function certificateWith(extensions: readonly Uint8Array[], subject = name('subject')): Certificate {
  return parseCertificate(forge({ subject, extensions }))
}

describe('spiffeIdOfCertificate', () => {
  test('is the one URI name; other kinds of names do not matter (X509-1, X509-4)', () => {
    const names = [generalName(2, 'web.emojivoto'), generalName(6, id), generalName(1, 'a@b'), generalName(2, 'x')]
    expect(String(spiffeIdOfCertificate(certificateWith([subjectAltName(names)])))).toBe(id)
  })

  test('may have no path, as the ID of a signing certificate', () => {
    expect(String(spiffeIdOfCertificate(certificateWith([uriName('spiffe://td.test')])))).toBe('spiffe://td.test')
  })

  test.each([
    ['two IDs', [id, 'spiffe://td.test/other']],
    ['the same ID twice', [id, id]],
    ['an ID and a page', [id, 'https://td.test/']],
  ])('refuses %s (X509-2)', (_, uris) => {
    expect(refusalOf(() => spiffeIdOfCertificate(certificateWith([uriName(...uris)])))).toMatchObject({
      code: 'CERT_MULTIPLE_URI_NAMES',
      detail: { found: 2 },
    })
  })

  test('never takes a common name, DNS name or address for an ID (X509-3)', () => {
    const names = subjectAltName([generalName(2, 'td.test'), generalName(1, 'spiffe@td.test')])
    expect(codeOf(() => spiffeIdOfCertificate(certificateWith([names], name(id))))).toBe('CERT_NO_SPIFFE_ID')
    expect(codeOf(() => spiffeIdOfCertificate(certificateWith([])))).toBe('CERT_NO_SPIFFE_ID')
  })

  test.each([
    'SPIFFE://td.test/web',
    'spiffe://TD.test/web',
    'spiffe://td.test/web#',
    'spiffe://td.test/web?',
    'spiffe://td.test/a/../b',
    'spiffe://td.test/a%2fb',
    'spiffe://td.test:443/web',
    'spiffe:///web',
    'https://td.test/web',
  ])('judges the raw octets of %s (X509-5)', (uri) => {
    const error = refusalOf(() => spiffeIdOfCertificate(certificateWith([uriName(uri)])))
    expect(error.code).toBe('CERT_SPIFFE_ID_INVALID')
    expect(error.cause).toMatchObject({ name: 'SpiffeIdError' })
  })

  test.each(['spiffe://td./web', 'spiffe://a..b/web'])('accepts %s, unlike a URL parser (X509-5)', (uri) => {
    expect(String(spiffeIdOfCertificate(certificateWith([uriName(uri)])))).toBe(uri)
  })
})

describe('checkSvidLeaf', () => {
  const good = [basicConstraints(false), keyUsage(usage.digitalSignature)]

  test.each([
    ['as meshid issues it', [...good, uriName(id)], name()],
    ['without basic constraints (X509-15)', [keyUsage(usage.digitalSignature), uriName(id)], name()],
    ['with keyEncipherment (X509-20)', [keyUsage(usage.digitalSignature | usage.keyEncipherment), uriName(id)], name()],
    ['with a key usage that is not critical (X509-17)', [keyUsage(usage.digitalSignature, false), uriName(id)], name()],
    ['with a subject and a SAN that is not critical', [...good, subjectAltName([generalName(6, id)])], name('web')],
  ])('accepts a leaf %s', (_, extensions, subject) => {
    expect(checkSvidLeaf(certificateWith(extensions, subject))).toBeUndefined()
  })

  test.each<[string, string, readonly Uint8Array[]]>([
    ['no ID (X509-3)', 'CERT_NO_SPIFFE_ID', good],
    ['an ID without path (X509-7)', 'CERT_SPIFFE_ID_WITHOUT_PATH', [...good, uriName('spiffe://td.test')]],
    ['a CA (X509-15)', 'CERT_LEAF_IS_CA', [basicConstraints(true), keyUsage(usage.digitalSignature), uriName(id)]],
    [
      'keyCertSign (X509-18)',
      'CERT_LEAF_CAN_SIGN',
      [keyUsage(usage.digitalSignature | usage.keyCertSign), uriName(id)],
    ],
    ['cRLSign (X509-18)', 'CERT_LEAF_CAN_SIGN', [keyUsage(usage.digitalSignature | usage.crlSign), uriName(id)]],
    ['no digitalSignature (X509-18)', 'CERT_LEAF_NO_DIGITAL_SIGNATURE', [keyUsage(usage.keyEncipherment), uriName(id)]],
    ['no key usage (X509-17)', 'CERT_LEAF_NO_DIGITAL_SIGNATURE', [uriName(id)]],
    [
      'an empty subject and a SAN that is not critical (X509-8)',
      'CERT_SUBJECT_ALT_NAME_NOT_CRITICAL',
      [...good, subjectAltName([generalName(6, id)])],
    ],
  ])('refuses %s', (_, code, extensions) => {
    const error = refusalOf(() => checkSvidLeaf(certificateWith(extensions, name())))
    expect(error.code).toBe(code)
    expect(error.detail).toHaveProperty('certificate')
  })
})
