import { parseCertificate } from '@meshid/certificate'
import { generateNodePrivateKey } from '@meshid/keys/node'
import { createTestCa } from '@meshid/testkit'
import { type CertifyAnswer, parseWorkloadName, verifyCredential, type VerifyCredentialOptions } from '@meshid/workload'
import { describe, expect, test } from 'vitest'
import { refusalOf } from './refusal.ts'
import { hourMs, idOf, now, oddLeaf, web, webDnsName } from './world.ts'

const ca = await createTestCa({ now })
const { privateKey, ...answer } = await ca.issue({ spiffeId: web })
const name = parseWorkloadName(web.toString())
const own = { name, privateKey, trustAnchors: ca.trustAnchors, now }
const later = (ms: number): Date => new Date(now.getTime() + ms)

/** What the own verification says of an answer that is changed in one respect. */
const refusal = (changed: Partial<CertifyAnswer>, options: Partial<VerifyCredentialOptions> = {}) =>
  refusalOf(() => verifyCredential({ ...answer, ...changed }, { ...own, ...options }))

describe('what is accepted', () => {
  test('an answer that agrees with the own key, name, anchors and time (X509-34)', () => {
    const credential = verifyCredential(answer, own)
    expect(credential.name).toBe(name)
    expect(credential.leaf.der).toEqual(answer.leaf)
    expect(credential.intermediates.map(({ der }) => der)).toEqual(answer.intermediates)
    expect(credential.notBefore).toEqual(credential.leaf.notBefore)
    expect(credential.notAfter).toEqual(later(hourMs))
    expect(credential.certificateChainPem.match(/BEGIN CERTIFICATE/g)).toHaveLength(2)
    expect(credential.privateKeyPem()).toBe(privateKey.toPkcs8Pem())
  })

  test.each([
    ['sooner than the leaf', -1000, hourMs - 1000],
    ['later than the leaf', 1000, hourMs],
  ])('it ends at the earlier of valid_until and notAfter: valid_until is %s (Q38)', (_what, shiftMs, endMs) => {
    const credential = verifyCredential({ ...answer, validUntil: later(hourMs + shiftMs) }, own)
    expect(credential.notAfter).toEqual(later(endMs))
  })

  test('it cannot be changed afterwards, neither by its dates', () => {
    const credential = verifyCredential(answer, own)
    credential.notAfter.setTime(0)
    credential.notBefore.setTime(0)
    expect(credential.notAfter).toEqual(later(hourMs))
    expect(credential.notBefore.getTime()).toBeGreaterThan(0)
    expect(Object.isFrozen(credential)).toBe(true)
    expect(Object.isFrozen(credential.intermediates)).toBe(true)
  })

  test('a DNS name is looked for among the DNS names, and a SPIFFE ID beside it does no harm (profile dual)', async () => {
    const dual = await ca.issue({ dnsName: webDnsName, spiffeId: web })
    const dns = parseWorkloadName(webDnsName.toString())
    const options = { ...own, privateKey: dual.privateKey }
    expect(verifyCredential(dual, { ...options, name: dns }).name).toBe(dns)
    expect(verifyCredential(dual, options).name).toBe(name)
  })

  test('certificates that are not needed, in any order, do no harm (X509-30)', async () => {
    const other = await createTestCa({ now })
    const intermediates = [other.root.der, ca.root.der, ...answer.intermediates]
    expect(verifyCredential({ ...answer, intermediates }, own).intermediates).toHaveLength(3)
  })
})

describe('what is refused', () => {
  test.each([
    ['empty bytes', new Uint8Array()],
    ['text', new TextEncoder().encode('-----BEGIN CERTIFICATE-----')],
    ['half a certificate', answer.leaf.subarray(0, 200)],
    ['a byte too many (X509-35)', new Uint8Array([...answer.leaf, 0])],
  ])('garbage as the leaf: %s', async (_what, leaf) => {
    const error = await refusal({ leaf })
    expect(error).toMatchObject({ code: 'WORKLOAD_RESPONSE_INVALID', cause: { name: 'CertificateError' } })
  })

  test('garbage among the intermediates', async () => {
    expect(await refusal({ intermediates: [new Uint8Array(9)] })).toMatchObject({ code: 'WORKLOAD_RESPONSE_INVALID' })
  })

  test('valid_until is no time at all', async () => {
    const error = await refusal({ validUntil: new Date(Number.NaN) })
    expect(error).toMatchObject({ code: 'WORKLOAD_RESPONSE_INVALID', detail: { found: 'none' } })
  })

  test('another key than the own', async () => {
    const error = await refusal({}, { privateKey: generateNodePrivateKey('P-256') })
    expect(error.code).toBe('WORKLOAD_CREDENTIAL_KEY_MISMATCH')
  })

  test.each([
    ['a name that begins with the own', idOf('web-evil').toString()],
    ['a name that the own begins with', 'spiffe://cluster.local/ns/emojivoto/sa/we'],
    ['the same path in another trust domain', 'spiffe://other.local/ns/emojivoto/sa/web'],
    ['the DNS form', webDnsName.toString()],
  ])('another name than the own: %s', async (_what, text) => {
    const error = await refusal({}, { name: parseWorkloadName(text) })
    expect(error).toMatchObject({
      code: 'WORKLOAD_CREDENTIAL_NAME_MISMATCH',
      detail: { expected: `${text} only`, found: web.toString() },
    })
  })

  test('no name at all', async () => {
    const { leaf } = await oddLeaf(ca, ['basicConstraints=CA:FALSE'], privateKey)
    expect(await refusal({ leaf })).toMatchObject({
      code: 'WORKLOAD_CREDENTIAL_NAME_MISMATCH',
      detail: { found: 'no name' },
    })
  })

  test('the own name twice, and the own name beside another (X509-2)', async () => {
    for (const second of [web.toString(), 'https://example.com/']) {
      const { leaf } = await oddLeaf(ca, [`subjectAltName=URI:${web.toString()},URI:${second}`], privateKey)
      expect(await refusal({ leaf })).toMatchObject({
        code: 'WORKLOAD_CREDENTIAL_NAME_MISMATCH',
        detail: { found: `${web.toString()}, ${second}` },
      })
    }
  })

  test('an unknown CA', async () => {
    const { trustAnchors } = await createTestCa({ now })
    const error = await refusal({}, { trustAnchors })
    expect(error).toMatchObject({ code: 'WORKLOAD_CREDENTIAL_UNTRUSTED', detail: { found: 'CERT_UNKNOWN_ISSUER' } })
  })

  test('a chain with a gap', async () => {
    const error = await refusal({ intermediates: [] })
    expect(error).toMatchObject({ code: 'WORKLOAD_CREDENTIAL_UNTRUSTED', detail: { found: 'CERT_UNKNOWN_ISSUER' } })
  })

  test.each([
    ['the leaf has expired', { now: later(hourMs) }, {}, later(hourMs)],
    ['valid_until is now', {}, { validUntil: now }, now],
    ['valid_until lies in the past', {}, { validUntil: later(-1) }, later(-1)],
  ] as const)('%s', async (_what, options, changed, end) => {
    const error = await refusal(changed, options)
    expect(error).toMatchObject({ code: 'WORKLOAD_CREDENTIAL_EXPIRED', detail: { found: end.toISOString() } })
  })

  test('a leaf that is not valid yet', async () => {
    const error = await refusal({}, { now: later(-hourMs) })
    expect(error).toMatchObject({ code: 'WORKLOAD_CREDENTIAL_UNTRUSTED', detail: { found: 'CERT_NOT_YET_VALID' } })
  })

  test.each([
    ['a CA (X509-15)', ['basicConstraints=CA:TRUE', 'keyUsage=critical,digitalSignature'], 'CERT_LEAF_IS_CA'],
    ['a leaf for servers only (X509-21)', ['extendedKeyUsage=serverAuth'], 'CERT_EXTENDED_KEY_USAGE_MISMATCH'],
    ['no key usage (X509-17)', ['basicConstraints=CA:FALSE'], 'CERT_LEAF_NO_DIGITAL_SIGNATURE'],
    ['a key that signs CRLs (X509-18)', ['keyUsage=digitalSignature,cRLSign'], 'CERT_LEAF_CAN_SIGN'],
  ])('peers would refuse it, so it is not used: %s', async (_what, extensions, found) => {
    const at = new Date() // openssl issues for now, so the anchors must be of now too
    const real = await createTestCa({ now: at })
    const { leaf } = await oddLeaf(real, [`subjectAltName=URI:${web.toString()}`, ...extensions], privateKey)
    const intermediates = real.issuer.chain
    const options = { trustAnchors: real.trustAnchors, now: new Date(at.getTime() + 2000) }
    const error = await refusal({ leaf, intermediates, validUntil: parseCertificate(leaf).notAfter }, options)
    expect(error).toMatchObject({ code: 'WORKLOAD_CREDENTIAL_UNTRUSTED', detail: { found } })
  })

  test('what is no refusal of a certificate comes out as it is', () => {
    const verifier = {
      verify() {
        throw new TypeError('a fault of the verifier')
      },
    }
    expect(() => verifyCredential(answer, { ...own, verifier })).toThrow(TypeError)
  })
})
