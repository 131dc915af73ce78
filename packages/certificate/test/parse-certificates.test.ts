import {
  encodeCertificatePem,
  fingerprint,
  type IgnoredBlock,
  MAX_BUNDLE_BYTES,
  parseCertificate,
  parseCertificates,
} from '@meshid/certificate'
import { encodePem } from '@meshid/der'
import { describe, expect, test } from 'vitest'
import { forge, name } from './forge.ts'
import { codeOf, refusalOf } from './refusal.ts'
import { goodLinkerdIssuerPem } from './vectors/good-linkerd-issuer.ts'

const one = encodeCertificatePem(parseCertificate(forge({ subject: name('one') })))
const two = encodeCertificatePem(parseCertificate(forge({ subject: name('two') })))
const key = encodePem('PRIVATE KEY', Uint8Array.of(1, 2, 3))

function namesIn(pem: string): readonly (string | undefined)[] {
  return parseCertificates(pem).map(({ subject }) => subject.commonName)
}

describe('parseCertificates', () => {
  test('reads a bundle in its order', () => {
    expect(namesIn(one + two)).toEqual(['one', 'two'])
    expect(namesIn(two + one)).toEqual(['two', 'one'])
  })

  test('takes text, blank lines and CRLF around blocks (Q21)', () => {
    expect(namesIn(`# the old root\n${one}\n\nsubject=two\n${two}\n\n# end\n   \n`)).toEqual(['one', 'two'])
    expect(namesIn((one + two).replaceAll('\n', '\r\n'))).toEqual(['one', 'two'])
  })

  test('reports each block that is no certificate, and reads on behind it (Q21)', () => {
    const ignored: IgnoredBlock[] = []
    const certificates = parseCertificates(key + one + key + two, { onIgnored: (block) => ignored.push(block) })
    expect(certificates.map(({ subject }) => subject.commonName)).toEqual(['one', 'two'])
    const keyLines = key.split('\n').length - 1
    expect(ignored).toEqual([
      { label: 'PRIVATE KEY', line: 1 },
      { label: 'PRIVATE KEY', line: keyLines + one.split('\n').length },
    ])
  })

  test('needs a certificate, and says what it found instead', () => {
    expect(refusalOf(() => parseCertificates(key))).toMatchObject({
      code: 'CERT_PEM_EMPTY',
      detail: { found: 'PRIVATE KEY (line 1)' },
    })
    expect(codeOf(() => parseCertificates(''))).toBe('CERT_PEM_EMPTY')
    expect(codeOf(() => parseCertificates('no PEM at all'))).toBe('CERT_PEM_EMPTY')
  })

  test('names the line of a broken block', () => {
    const half = goodLinkerdIssuerPem.slice(0, 300)
    expect(refusalOf(() => parseCertificates(one + half))).toMatchObject({
      code: 'CERT_PEM_INVALID',
      detail: { der: 'DER_PEM_UNTERMINATED', line: one.split('\n').length },
    })
    const damaged = goodLinkerdIssuerPem.replace('MIIBsjCC', 'MIIB*jCC')
    expect(refusalOf(() => parseCertificates(damaged))).toMatchObject({ code: 'CERT_PEM_INVALID', detail: { line: 2 } })
  })

  test('names the line of a block that is no certificate inside', () => {
    const corrupt = encodePem('CERTIFICATE', new TextEncoder().encode('CORRUPT'))
    const error = refusalOf(() => parseCertificates(one + corrupt))
    expect(error).toMatchObject({ code: 'CERT_DER_INVALID', detail: { line: one.split('\n').length } })
    expect(error.cause).toMatchObject({ code: 'CERT_DER_INVALID' })
  })

  test('has limits on characters and certificates', () => {
    expect(codeOf(() => parseCertificates(' '.repeat(MAX_BUNDLE_BYTES + 1)))).toBe('CERT_TOO_LARGE')
    expect(codeOf(() => parseCertificates(one, { maxBytes: 100 }))).toBe('CERT_TOO_LARGE')
    expect(refusalOf(() => parseCertificates(one + two, { maxCertificates: 1 }))).toMatchObject({
      code: 'CERT_BUNDLE_TOO_MANY',
      detail: { limit: 1, line: one.split('\n').length },
    })
  })

  test('takes text only, and lets errors of the observer through', () => {
    expect(() => parseCertificates(new Uint8Array() as unknown as string)).toThrow(TypeError)
    const onIgnored = () => {
      throw new Error('mine')
    }
    expect(() => parseCertificates(key + one, { onIgnored })).toThrow('mine')
  })
})

describe('encodeCertificatePem', () => {
  test('writes what was read, character for character', () => {
    const [issuer] = parseCertificates(goodLinkerdIssuerPem)
    expect(issuer && encodeCertificatePem(issuer)).toBe(goodLinkerdIssuerPem)
  })
})

describe('fingerprint', () => {
  test('is the SHA-256 of the DER', async () => {
    const certificate = parseCertificate(forge())
    const digest = await crypto.subtle.digest('SHA-256', Uint8Array.from(certificate.der))
    const expected = [...new Uint8Array(digest)].map((octet) => octet.toString(16).padStart(2, '0')).join('')
    expect(fingerprint(certificate)).toBe(expected)
  })
})
