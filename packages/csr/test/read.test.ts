import { buildCsr, readCsr } from '@meshid/csr'
import { encodePem } from '@meshid/der'
import { describe, expect, test } from 'vitest'
import { codeOf, signers } from './forge.ts'

const der = await buildCsr({ signer: signers['P-256'], dnsNames: ['web'] })
const pem = encodePem('CERTIFICATE REQUEST', der)

describe('readCsr (Q51)', () => {
  test.each([
    ['DER', der],
    ['PEM', pem],
    ['PEM as bytes', new TextEncoder().encode(pem)],
    ['PEM with text and CRLF', `Certificate Request:\r\n  Data:\r\n\r\n${pem.replaceAll('\n', '\r\n')}\r\n`],
    ['the old label', encodePem('NEW CERTIFICATE REQUEST', der)],
  ])('reads %s', (_name, input) => expect(readCsr(input).dnsNames).toEqual(['web']))

  test.each([
    ['nothing', ''],
    ['no bytes', new Uint8Array()],
    ['another block', encodePem('CERTIFICATE', der)],
    ['two blocks', pem + pem],
    ['a key beside it', pem + encodePem('PRIVATE KEY', der)],
    ['half a block', pem.slice(0, 100)],
    ['bytes that are neither', Uint8Array.of(0xff, 0xfe)],
  ])('refuses %s', (_name, input) => expect(codeOf(() => readCsr(input))).toBe('CSR_PEM_INVALID'))

  test('refuses what is too large before it is decoded', () => {
    expect(codeOf(() => readCsr('x'.repeat(50_000)))).toBe('CSR_TOO_LARGE')
    expect(codeOf(() => readCsr(pem, { maxBytes: der.length - 1 }))).toBe('CSR_TOO_LARGE')
    expect(codeOf(() => readCsr(der, { maxBytes: der.length - 1 }))).toBe('CSR_TOO_LARGE')
  })

  test('refuses DER that is not a request', () => {
    expect(codeOf(() => readCsr(encodePem('CERTIFICATE REQUEST', Uint8Array.of(0x30, 0))))).toBe('CSR_MALFORMED')
  })
})
