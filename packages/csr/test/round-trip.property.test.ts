import { buildCsr, matchCsr, MAX_COMMON_NAME_LENGTH, parseCsr, readCsr } from '@meshid/csr'
import { checkDer, encodePem } from '@meshid/der'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { codeOf, signers } from './forge.ts'

/** Ed25519 signs fastest with noble. */
const signer = signers.Ed25519
const printable = (maxLength: number) =>
  fc.string({
    unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
    minLength: 1,
    maxLength,
  })
const names = fc.array(printable(40), { maxLength: 4 })
const request = fc.record({
  commonName: fc.option(printable(MAX_COMMON_NAME_LENGTH), { nil: undefined }),
  dnsNames: names,
  uris: names,
  emailAddresses: names,
})

describe('what we build, we parse', () => {
  test('names of any kind', async () => {
    await fc.assert(
      fc.asyncProperty(request, async ({ commonName, dnsNames, uris, emailAddresses }) => {
        const der = await buildCsr({ signer, commonName, dnsNames, uris, emailAddresses })
        checkDer(der)
        const csr = parseCsr(der)
        expect(csr.subject.commonName).toBe(commonName)
        expect({ dnsNames: csr.dnsNames, uris: csr.uris, emailAddresses: csr.emailAddresses }).toEqual({
          dnsNames,
          uris,
          emailAddresses,
        })
        matchCsr(csr, { dnsNames, uris, emailAddresses, commonName: [commonName], ipAddresses: [], otherNameCount: 0 })
        expect(readCsr(encodePem('CERTIFICATE REQUEST', der)).der).toEqual(der)
      }),
      { numRuns: 40 },
    )
  })
})

describe('whatever we parse, only a CsrError comes of it', () => {
  test('any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(codeOf(() => parseCsr(bytes))).toMatch(/^CSR_/)
        expect(codeOf(() => readCsr(bytes))).toMatch(/^CSR_/)
      }),
    )
  })

  test('a good request with any bytes written over it', async () => {
    const der = await buildCsr({ signer, commonName: 'web', dnsNames: ['web'], uris: ['spiffe://example.org/web'] })
    fc.assert(
      fc.property(fc.nat(der.length - 1), fc.uint8Array({ minLength: 1, maxLength: 8 }), (at, bytes) => {
        const bad = der.slice()
        bad.set(bytes.subarray(0, bad.length - at), at)
        codeOf(() => parseCsr(bad).subject)
      }),
      { numRuns: 2000 },
    )
  })
})
