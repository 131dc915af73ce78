import { buildCsr, parseCsr, verifyCsr } from '@meshid/csr'
import './reflect-metadata.ts'
import * as x509 from '@peculiar/x509'
import { CertificationRequest } from 'pkijs'
import { describe, expect, test } from 'vitest'
import { codeOf, signers } from './forge.ts'

const names = { commonName: 'web', dnsNames: ['web.example'], uris: ['spiffe://example.org/web'] }
const algorithms = ['P-256', 'P-384', 'Ed25519'] as const

describe('what we build', () => {
  test.each(['P-256', 'P-384'] as const)('%s: pkijs reads and verifies', async (algorithm) => {
    const der = await buildCsr({ signer: signers[algorithm], ...names })
    const theirs = CertificationRequest.fromBER(der.slice().buffer)
    expect(await theirs.verify()).toBe(true)
    expect(theirs.subject.typesAndValues.map(({ value }) => value.valueBlock.value)).toEqual(['web'])
  })

  test.each(algorithms)('%s: @peculiar/x509 reads and verifies', async (algorithm) => {
    const theirs = new x509.Pkcs10CertificateRequest((await buildCsr({ signer: signers[algorithm], ...names })).slice())
    expect(await theirs.verify()).toBe(true)
    expect(theirs.subject).toBe('CN=web')
    const san = new x509.SubjectAlternativeNameExtension(theirs.getExtension('2.5.29.17')?.rawData ?? new ArrayBuffer())
    expect(san.names.toJSON()).toEqual([
      { type: 'dns', value: 'web.example' },
      { type: 'url', value: 'spiffe://example.org/web' },
    ])
  })
})

describe('what @peculiar/x509 builds', () => {
  test.each([
    ['P-256', { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }],
    ['P-384', { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' }],
    ['Ed25519', { name: 'Ed25519' }],
  ] as const)('%s: we read and verify', async (algorithm, signingAlgorithm) => {
    const keys = (await crypto.subtle.generateKey(signingAlgorithm, false, ['sign', 'verify'])) as CryptoKeyPair
    const theirs = await x509.Pkcs10CertificateRequestGenerator.create({
      name: 'CN=web, O=Ærlig',
      keys,
      signingAlgorithm,
      extensions: [
        new x509.SubjectAlternativeNameExtension([
          { type: 'dns', value: 'web.example' },
          { type: 'url', value: 'spiffe://example.org/web' },
          { type: 'email', value: 'a@example.org' },
          { type: 'ip', value: '10.0.0.1' },
        ]),
        new x509.BasicConstraintsExtension(true, 2, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      ],
    })
    const csr = verifyCsr(parseCsr(new Uint8Array(theirs.rawData)))
    expect(csr.key.algorithm).toBe(algorithm)
    expect(csr.subject.attributes.map(({ value }) => value)).toEqual(['web', 'Ærlig'])
    expect(csr.dnsNames).toEqual(['web.example'])
    expect(csr.uris).toEqual(['spiffe://example.org/web'])
    expect(csr.emailAddresses).toEqual(['a@example.org'])
    expect(csr.ipAddresses).toEqual(['10.0.0.1'])
    expect(csr.requestedExtensions).toEqual(['2.5.29.17', '2.5.29.19', '2.5.29.15'])
  })

  test('P-521 is refused (Q9)', async () => {
    const signingAlgorithm = { name: 'ECDSA', namedCurve: 'P-521', hash: 'SHA-512' }
    const keys = await crypto.subtle.generateKey(signingAlgorithm, false, ['sign', 'verify'])
    const theirs = await x509.Pkcs10CertificateRequestGenerator.create({ name: 'CN=web', keys, signingAlgorithm })
    expect(codeOf(() => parseCsr(new Uint8Array(theirs.rawData)))).toBe('CSR_UNSUPPORTED_KEY')
  })
})

describe('what pkijs lets through and we refuse', () => {
  test('trailing bytes', async () => {
    const der = await buildCsr({ signer: signers['P-256'], ...names })
    const longer = Uint8Array.of(...der, 0x05, 0x00)
    expect(await CertificationRequest.fromBER(longer.buffer).verify()).toBe(true)
    expect(codeOf(() => parseCsr(longer))).toBe('CSR_MALFORMED')
  })
})
