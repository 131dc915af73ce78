import { buildCsr, CsrError, type CsrExpectation, matchCsr, parseCsr, verifyCsr } from '@meshid/csr'
import { describe, expect, test } from 'vitest'
import { codeOf, forgeNames, generalName, hex, signers } from './forge.ts'

const signer = signers['P-256']
const name = 'web.emojivoto.serviceaccount.identity.linkerd.cluster.local'
/** What Linkerd's controller demands of a request for this name. */
const linkerd: CsrExpectation = {
  dnsNames: [name],
  commonName: [undefined, '', name],
  emailAddresses: [],
  ipAddresses: [],
  uris: [],
}
const parsed = async (names: Omit<Parameters<typeof buildCsr>[0], 'signer'>) =>
  parseCsr(await buildCsr({ signer, ...names }))

describe("matchCsr with Linkerd's expectation (rows 4a to 4f)", () => {
  test('accepts the name as DNS name, with and without the common name, parsed or verified', async () => {
    for (const commonName of [name, undefined]) {
      const csr = await parsed({ commonName, dnsNames: [name] })
      expect(codeOf(() => matchCsr(csr, linkerd))).toBeUndefined()
      expect(codeOf(() => matchCsr(verifyCsr(csr), linkerd))).toBeUndefined()
    }
  })

  test.each([
    ['4a: no DNS name', {}, 'CSR_DNS_NAME_COUNT'],
    ['4a: two DNS names', { dnsNames: [name, 'other'] }, 'CSR_DNS_NAME_COUNT'],
    ['4a: the name twice', { dnsNames: [name, name] }, 'CSR_DNS_NAME_COUNT'],
    ['4b: another name', { dnsNames: ['other'] }, 'CSR_DNS_NAME_MISMATCH'],
    ['4b: the name in capitals', { dnsNames: [name.toUpperCase()] }, 'CSR_DNS_NAME_MISMATCH'],
    ['4b: the name with a final dot', { dnsNames: [`${name}.`] }, 'CSR_DNS_NAME_MISMATCH'],
    ['4c: another common name', { dnsNames: [name], commonName: 'other' }, 'CSR_COMMON_NAME_MISMATCH'],
    ['4d: an e-mail address', { dnsNames: [name], emailAddresses: ['a@b'] }, 'CSR_EMAIL_ADDRESS_PRESENT'],
    ['4f: a URI', { dnsNames: [name], uris: ['spiffe://a/b'] }, 'CSR_URI_PRESENT'],
  ] as const)('%s', async (_name, names, code) => {
    const csr = await parsed(names)
    expect(codeOf(() => matchCsr(csr, linkerd))).toBe(code)
  })

  test('4e: an IP address', () => {
    const csr = parseCsr(forgeNames(generalName(0x82, name), generalName(0x87, hex('0a 00 00 01'))))
    expect(codeOf(() => matchCsr(csr, linkerd))).toBe('CSR_IP_ADDRESS_PRESENT')
  })

  test('the first mismatch in this order is told', async () => {
    const all = { commonName: 'other', emailAddresses: ['a@b'], uris: ['u:'] }
    const withAll = await parsed({ ...all, dnsNames: ['other'] })
    expect(codeOf(() => matchCsr(withAll, linkerd))).toBe('CSR_DNS_NAME_MISMATCH')
    const withName = await parsed({ ...all, dnsNames: [name] })
    expect(codeOf(() => matchCsr(withName, linkerd))).toBe('CSR_COMMON_NAME_MISMATCH')
    const noCommonName = await parsed({ ...all, dnsNames: [name], commonName: undefined })
    expect(codeOf(() => matchCsr(noCommonName, linkerd))).toBe('CSR_EMAIL_ADDRESS_PRESENT')
  })

  test('the names are in the detail', async () => {
    const csr = await parsed({ dnsNames: ['other'], commonName: 'someone' })
    const detailOf = (expectation: CsrExpectation) => {
      try {
        matchCsr(csr, expectation)
      } catch (error) {
        if (error instanceof CsrError) return error.detail
      }
      return undefined
    }
    expect(detailOf(linkerd)).toEqual({ expected: name, found: 'other' })
    expect(detailOf({ commonName: [undefined, name] })).toEqual({ expected: `none, ${name}`, found: 'someone' })
    expect(detailOf({ dnsNames: [] })).toEqual({ expected: 'none', found: 'other' })
  })

  test('a detail is not as long as the sender likes', async () => {
    const csr = await parsed({ dnsNames: ['a'.repeat(5000)] })
    expect(() => matchCsr(csr, linkerd)).toThrow(/^CSR_DNS_NAME_MISMATCH: .{0,700}$/)
  })
})

describe('matchCsr in general', () => {
  test('lists are sets, and what is left out is not looked at', async () => {
    const csr = await parsed({ commonName: 'x', dnsNames: ['a', 'b'], uris: ['u:1', 'u:2'], emailAddresses: ['e@f'] })
    for (const good of [
      {},
      { dnsNames: ['b', 'a'] },
      { uris: ['u:2', 'u:1'], emailAddresses: ['e@f'], ipAddresses: [], otherNameCount: 0 },
      { commonName: ['x'] },
    ]) {
      expect(codeOf(() => matchCsr(csr, good))).toBeUndefined()
    }
    expect(codeOf(() => matchCsr(csr, { dnsNames: ['a', 'a'] }))).toBe('CSR_DNS_NAME_MISMATCH')
    expect(codeOf(() => matchCsr(csr, { uris: ['u:1'] }))).toBe('CSR_URI_MISMATCH')
    expect(codeOf(() => matchCsr(csr, { uris: ['u:1', 'u:1'] }))).toBe('CSR_URI_MISMATCH')
    expect(codeOf(() => matchCsr(csr, { emailAddresses: ['g@h'] }))).toBe('CSR_EMAIL_ADDRESS_MISMATCH')
    expect(codeOf(() => matchCsr(csr, { ipAddresses: ['10.0.0.1'] }))).toBe('CSR_IP_ADDRESS_MISMATCH')
    expect(codeOf(() => matchCsr(csr, { commonName: [] }))).toBe('CSR_COMMON_NAME_MISMATCH')
    expect(codeOf(() => matchCsr(csr, { commonName: [undefined] }))).toBe('CSR_COMMON_NAME_MISMATCH')
  })

  test('IP addresses and names of other types', () => {
    const csr = parseCsr(forgeNames(generalName(0x87, hex('0a 00 00 01')), generalName(0x88, hex('2a 03'))))
    expect(codeOf(() => matchCsr(csr, { ipAddresses: ['10.0.0.1'], otherNameCount: 1 }))).toBeUndefined()
    expect(codeOf(() => matchCsr(csr, { otherNameCount: 0 }))).toBe('CSR_OTHER_NAME_PRESENT')
  })
})
