import { buildCsr, MAX_COMMON_NAME_LENGTH, parseCsr, verifyCsr } from '@meshid/csr'
import { checkDer } from '@meshid/der'
import { createRemoteSigner, nobleVerifier } from '@meshid/keys'
import { describe, expect, test } from 'vitest'
import { signers } from './forge.ts'

const name = 'web.emojivoto.serviceaccount.identity.linkerd.cluster.local'
const signer = signers['P-256']

describe('buildCsr', () => {
  test.each(Object.entries(signers))(
    'asks for a SPIFFE ID and proves possession of a %s key',
    async (algorithm, it) => {
      const der = await buildCsr({ signer: it, uris: ['spiffe://cluster.local/ns/emojivoto/sa/web'] })
      checkDer(der)
      const csr = verifyCsr(parseCsr(der))
      expect(csr.subject).toEqual({ isEmpty: true, commonName: undefined, attributes: [] })
      expect(csr.uris).toEqual(['spiffe://cluster.local/ns/emojivoto/sa/web'])
      expect(csr.key.algorithm).toBe(algorithm)
      expect(csr.key.spki).toEqual(it.key.spki)
      expect(csr.requestedExtensions).toEqual(['2.5.29.17'])
    },
  )

  test("asks as Linkerd's proxy-identity does: common name and the same DNS name", async () => {
    const csr = parseCsr(await buildCsr({ signer, commonName: name, dnsNames: [name] }))
    expect(csr.subject.commonName).toBe(name)
    expect(csr.dnsNames).toEqual([name])
    expect([...csr.uris, ...csr.emailAddresses, ...csr.ipAddresses]).toEqual([])
  })

  test('puts DNS names first, then URIs, then e-mail addresses, each in the given order', async () => {
    const names = { emailAddresses: ['a@b'], uris: ['u:2', 'u:1'], dnsNames: ['b', 'a'] }
    const csr = parseCsr(await buildCsr({ signer, ...names }))
    expect({ dnsNames: csr.dnsNames, uris: csr.uris, emailAddresses: csr.emailAddresses }).toEqual(names)
    const text = String.fromCharCode(...csr.der)
    expect(text.indexOf('b\x82\x01a')).toBeGreaterThan(0)
    expect(text.indexOf('a\x86\x03u:2')).toBeGreaterThan(0)
    expect(text.indexOf('u:1\x81\x03a@b')).toBeGreaterThan(0)
  })

  test('asks for nothing when it is given no names', async () => {
    const csr = parseCsr(await buildCsr({ signer }))
    expect(csr.requestedExtensions).toEqual([])
    expect(csr.dnsNames).toEqual([])
    expect(csr.otherNameCount).toBe(0)
  })

  test('asks a signer far away, and stops waiting when told so', async () => {
    const { signal, abort } = withAbort()
    const source = { spki: signer.key.spki, signatureAlgorithm: signer.signatureAlgorithm }
    const remote = await createRemoteSigner(
      { ...source, sign: async (message) => signer.sign(message) },
      { verifier: nobleVerifier },
    )
    expect(verifyCsr(parseCsr(await buildCsr({ signer: remote, dnsNames: ['a'] }))).dnsNames).toEqual(['a'])
    const reason = new Error('enough')
    abort(reason)
    await expect(buildCsr({ signer: remote, dnsNames: ['a'], signal })).rejects.toBe(reason)
  })

  test.each([
    ['an empty common name', { commonName: '' }],
    ['a long common name (Q52)', { commonName: 'a'.repeat(MAX_COMMON_NAME_LENGTH + 1) }],
    ['a NUL', { dnsNames: ['a\0b'] }],
    ['a line break', { uris: ['spiffe://a/b\n'] }],
    ['letters beyond ASCII', { dnsNames: ['é'] }],
    ['an empty name', { emailAddresses: [''] }],
    ['more names than fit', { dnsNames: Array.from({ length: 2000 }, () => 'name.of.ten') }],
  ])('%s is a caller bug', async (_name, names) => {
    await expect(buildCsr({ signer, ...names })).rejects.toThrow(RangeError)
  })

  test('a common name of exactly 64 characters fits', async () => {
    const commonName = 'a'.repeat(MAX_COMMON_NAME_LENGTH)
    expect(parseCsr(await buildCsr({ signer, commonName })).subject.commonName).toBe(commonName)
  })
})

function withAbort(): { signal: AbortSignal; abort: (reason: Error) => void } {
  const controller = new AbortController()
  return { signal: controller.signal, abort: (reason) => controller.abort(reason) }
}
