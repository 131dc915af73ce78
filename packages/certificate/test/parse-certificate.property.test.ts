import { CertificateError, parseCertificate, parseCertificates } from '@meshid/certificate'
import { encodeInteger } from '@meshid/der'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { extendedKeyUsage, extension, forge, generalName, name, subjectAltName } from './forge.ts'

/** Whatever it is given, reading yields a value or a coded error. */
function readsOrRefuses(read: () => unknown): boolean {
  try {
    read()
    return true
  } catch (error) {
    return error instanceof CertificateError
  }
}

const ia5 = fc.string({
  unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
  minLength: 1,
})

test('any octets give a certificate or a coded error', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => readsOrRefuses(() => parseCertificate(bytes))))
})

test('any text gives certificates or a coded error', () => {
  fc.assert(fc.property(fc.string(), (text) => readsOrRefuses(() => parseCertificates(text))))
})

test('any octets as an extension of a certificate give it or a coded error', () => {
  const oid = fc.constantFrom('2.5.29.14', '2.5.29.15', '2.5.29.17', '2.5.29.19', '2.5.29.35', '2.5.29.37', '1.2.3')
  fc.assert(
    fc.property(oid, fc.uint8Array({ maxLength: 40 }), fc.boolean(), (type, value, critical) =>
      readsOrRefuses(() => parseCertificate(forge({ extensions: [extension(type, value, critical)] }))),
    ),
  )
})

test('names come out as they went in, in their order', () => {
  fc.assert(
    fc.property(fc.array(ia5, { minLength: 1, maxLength: 9 }), fc.array(ia5, { maxLength: 9 }), (uris, dnsNames) => {
      const names = [...uris.map((uri) => generalName(6, uri)), ...dnsNames.map((dns) => generalName(2, dns))]
      const { subjectAltNames } = parseCertificate(forge({ extensions: [subjectAltName(names)] }))
      expect(subjectAltNames?.uris).toEqual(uris)
      expect(subjectAltNames?.dnsNames).toEqual(dnsNames)
    }),
    { numRuns: 30 },
  )
})

test('serial numbers, subjects and purposes come out as they went in', () => {
  const purpose = fc.integer({ min: 0, max: 1e6 }).map((arc) => `1.3.6.1.4.1.${arc}`)
  fc.assert(
    fc.property(
      fc.bigInt({ min: 1n, max: 2n ** 159n - 1n }),
      fc.string({ unit: 'grapheme', minLength: 1 }),
      fc.array(purpose, { minLength: 1, maxLength: 5 }),
      (serialNumber, commonName, purposes) => {
        const certificate = parseCertificate(
          forge({
            serialNumber: encodeInteger(serialNumber),
            subject: name(commonName),
            extensions: [extendedKeyUsage(...purposes)],
          }),
        )
        expect(BigInt(`0x${certificate.serialNumber}`)).toBe(serialNumber)
        expect(certificate.subject.commonName).toBe(commonName)
        expect(certificate.subject.text()).not.toMatch(/\p{Cc}/u)
        expect(certificate.extendedKeyUsage?.purposes).toEqual(purposes)
      },
    ),
    { numRuns: 30 },
  )
})
