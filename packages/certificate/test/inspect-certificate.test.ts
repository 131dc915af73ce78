import { inspectCertificate, parseCertificate, parseCertificates } from '@meshid/certificate'
import { encodeExplicit, encodeNull, encodeOid, encodeSequence, encodeElement, oids } from '@meshid/der'
import { describe, expect, test } from 'vitest'
import { extension, forge, generalName, name, subjectAltName } from './forge.ts'
import { goodLinkerdIssuerPem } from './vectors/good-linkerd-issuer.ts'

const [issuer] = parseCertificates(goodLinkerdIssuerPem)

function inspectIssuer(now?: string): string {
  if (issuer === undefined) throw new Error('expected the vector')
  return inspectCertificate(issuer, now === undefined ? {} : { now: new Date(now) })
}

describe('inspectCertificate', () => {
  test('prints one line for each fact', () => {
    expect(inspectIssuer('2025-06-01T00:00:00Z')).toBe(
      `Subject:             CN=identity.linkerd.cluster.local
Issuer:              CN=root.linkerd.cluster.local
Serial number:       65e94c7c0062f513d491a6b57c45df22
Valid from:          2025-05-21T12:11:02Z
Valid until:         2026-05-21T12:11:02Z (354 d 12 h left)
Public key:          P-256 8193dd374ed35fe2b6ee288a871445db2ea5f97b
Signature:           ecdsa-sha256
Subject key id:      d2abe979f0544df93e194b0a8fc97f441499b2b1
Authority key id:    293c94589cd181806ac2ecb0272037305e420756
Basic constraints:   CA:TRUE, path length 0 (critical)
Key usage:           keyCertSign, crlSign (critical)
SHA-256:             cdcc45fee5a38a92e5f97cda5e53755f04ca84fc8dcdd4aafbbf7ec14c168627
`,
    )
  })

  test.each([
    [undefined, 'Valid until:         2026-05-21T12:11:02Z\n'],
    ['2025-05-20T12:11:02Z', '(not valid yet: begins in 1 d)'],
    ['2026-05-21T12:10:02Z', '(1 min left)'],
    ['2026-05-21T12:11:02Z', '(0 s left)'],
    ['2026-05-21T13:12:07Z', '(expired 1 h 1 min ago)'],
    ['2026-05-21T12:11:07Z', '(expired 5 s ago)'],
  ])('counts the remaining time at %s', (now, expected) => {
    expect(inspectIssuer(now)).toContain(expected)
  })

  test('shows every kind of name, and what is not known', () => {
    const names = [
      generalName(6, 'spiffe://td.test/ns/a/sa/web'),
      generalName(2, 'web.a'),
      generalName(1, 'a@b'),
      generalName(7, Uint8Array.of(10, 0, 0, 1)),
      encodeExplicit(4, name('x')),
      encodeElement(0xa0, encodeOid('1.2.3')),
    ]
    const certificate = parseCertificate(
      forge({
        subject: name(),
        innerAlgorithm: encodeSequence(encodeOid(oids.ecdsaWithSha1)),
        extensions: [
          subjectAltName(names, true),
          extension(oids.crlDistributionPoints, encodeNull(), true),
          extension('1.2.3', encodeNull(), true),
        ],
      }),
    )
    const text = inspectCertificate(certificate)
    for (const line of [
      'Subject:             (empty)',
      'Signature:           ecdsaWithSha1 (not supported)',
      'URI name:            spiffe://td.test/ns/a/sa/web (critical)',
      'DNS name:            web.a (critical)',
      'E-mail address:      a@b (critical)',
      'IP address:          10.0.0.1 (critical)',
      'Directory names:     1 (critical)',
      'Other names:         1 (critical)',
      'Unknown critical:    crlDistributionPoints',
      'Unknown critical:    1.2.3',
    ]) {
      expect(text).toContain(`${line}\n`)
    }
  })
})
