import { X509Certificate as NodeCertificate } from 'node:crypto'
import { type Certificate, fingerprint, parseCertificates } from '@meshid/certificate'
import './reflect-metadata.ts'
import { X509Certificate as PeculiarCertificate } from '@peculiar/x509'
import { fromBER } from 'asn1js'
import { Certificate as PkijsCertificate } from 'pkijs'
import { describe, expect, test } from 'vitest'
import { authority, key, leaf } from '../forge.ts'
import { goodLinkerdIssuerPem } from '../vectors/good-linkerd-issuer.ts'
import { readLinkerdFixtures } from './linkerd-fixtures.ts'

const root = authority('root', { key: key(4, 'Ed25519') })
const issuer = authority('issuer', { by: root, key: key(4, 'P-384'), pathLength: 0 })
const { testcases, issuers } = readLinkerdFixtures()

const pems = [
  goodLinkerdIssuerPem,
  ...testcases.flatMap(({ leaf: pem, roots }) => [pem, ...roots]),
  ...issuers.filter(({ id }) => id !== 'wrong-algo').map(({ crt }) => crt),
]
const certificates: readonly Certificate[] = [
  root.certificate,
  issuer.certificate,
  leaf('spiffe://td.test/ns/emojivoto/sa/web', { by: issuer }).certificate,
  ...[...new Set(pems)].flatMap((pem) => parseCertificates(pem)),
]
const table = certificates.map((certificate) => [certificate.subject.text(), certificate] as const)

function hexOf(bytes: ArrayBuffer | Uint8Array): string {
  return Buffer.from(bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes)).toString('hex')
}

describe.each(table)('%s', (_, certificate) => {
  test('is what node:crypto reads', () => {
    const other = new NodeCertificate(certificate.der)
    expect(certificate.serialNumber.toUpperCase()).toBe(other.serialNumber)
    expect(certificate.notBefore).toEqual(other.validFromDate)
    expect(certificate.notAfter).toEqual(other.validToDate)
    expect(certificate.basicConstraints?.ca ?? false).toBe(other.ca)
    expect(fingerprint(certificate)).toBe(other.fingerprint256.replaceAll(':', '').toLowerCase())
    expect(hexOf(certificate.publicKey.spki)).toBe(hexOf(other.publicKey.export({ type: 'spki', format: 'der' })))
    for (const uri of certificate.subjectAltNames?.uris ?? []) expect(other.subjectAltName).toContain(`URI:${uri}`)
    for (const name of certificate.subjectAltNames?.dnsNames ?? [])
      expect(other.subjectAltName).toContain(`DNS:${name}`)
  })

  test('is what pkijs reads', () => {
    const other = new PkijsCertificate({ schema: fromBER(Uint8Array.from(certificate.der).buffer).result })
    expect(hexOf(certificate.tbs)).toBe(hexOf(other.tbsView))
    expect(hexOf(certificate.signature)).toBe(hexOf(other.signatureValue.valueBlock.valueHexView))
    expect(hexOf(certificate.issuer.bytes)).toBe(hexOf(other.issuer.valueBeforeDecode))
    expect(hexOf(certificate.subject.bytes)).toBe(hexOf(other.subject.valueBeforeDecode))
    expect(certificate.signatureAlgorithmOid).toBe(other.signatureAlgorithm.algorithmId)
    expect(certificate.extensions.map(({ oid, critical, value }) => [oid, critical, hexOf(value)])).toEqual(
      (other.extensions ?? []).map(({ extnID, critical, extnValue }) => [
        extnID,
        critical,
        hexOf(extnValue.valueBlock.valueHexView),
      ]),
    )
  })

  test('is what @peculiar/x509 reads', () => {
    const other = new PeculiarCertificate(Uint8Array.from(certificate.der))
    expect(BigInt(`0x${certificate.serialNumber}`)).toBe(BigInt(`0x${other.serialNumber}`))
    expect(certificate.notAfter).toEqual(other.notAfter)
    expect(hexOf(certificate.publicKey.spki)).toBe(hexOf(other.publicKey.rawData))
    expect(certificate.subject.commonName ?? '').toBe(other.subjectName.getField('CN')[0] ?? '')
  })
})
