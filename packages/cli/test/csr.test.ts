import { readdir, readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { buildCsr } from '@meshid/csr'
import { encodePem } from '@meshid/der'
import { createNodeSigner, generateNodePrivateKey } from '@meshid/keys/node'
import { describe, expect, test } from 'vitest'
import { meshid, meshidJson, useFolder } from './meshid.ts'

const folder = useFolder()
const { path } = folder
const spiffeId = 'spiffe://cluster.local/ns/emojivoto/sa/web'

const writeKey = (algorithm: 'P-256' | 'P-384' | 'Ed25519' = 'P-256') =>
  folder.write('key.p8', generateNodePrivateKey(algorithm).toPkcs8Pem())

const create = (name: string, ...options: readonly string[]) =>
  meshid(['csr', 'create', '--name', name, '--key', path('key.p8'), '--out', path('csr.der'), ...options])

describe('meshid csr create', () => {
  test.each(['P-256', 'P-384', 'Ed25519'] as const)(
    'asks for a SPIFFE ID below an empty subject, signed by a %s key',
    async (algorithm) => {
      await writeKey(algorithm)
      const { code, out, err } = await create(spiffeId)
      expect({ code, err }).toEqual({ code: 0, err: '' })
      expect(out).toMatch(new RegExp(`^Name: {16}${spiffeId}\nPublic key: {10}${algorithm} [0-9a-f]{40}\n$`))
      expect((await stat(path('csr.der'))).mode & 0o777).toBe(0o600)
      expect((await meshidJson(['csr', 'inspect', path('csr.der')])).json).toMatchObject({
        subject: '',
        commonName: null,
        uris: [spiffeId],
        dnsNames: [],
        publicKey: { algorithm },
        requestedExtensions: ['subjectAltName'],
        possession: 'proven',
      })
    },
  )

  test('says the same as JSON', async () => {
    await writeKey()
    const { json } = await meshidJson([
      'csr',
      'create',
      '--name',
      spiffeId,
      '--key',
      path('key.p8'),
      '--out',
      path('c'),
    ])
    const key = await meshidJson(['key', 'inspect', path('key.p8')])
    const { keyId } = key.json as { readonly keyId: string }
    expect(json).toEqual({ name: spiffeId, publicKey: { algorithm: 'P-256', keyId }, requestFile: path('c') })
  })

  test('asks for a Linkerd name as DNS name and common name (story chapter 6)', async () => {
    await writeKey()
    const name = 'web.emojivoto.serviceaccount.identity.linkerd.cluster.local'
    expect(await create(name)).toMatchObject({ code: 0 })
    const { json } = await meshidJson(['csr', 'inspect', path('csr.der')])
    expect(json).toMatchObject({ commonName: name, dnsNames: [name], uris: [] })
  })

  test('a name of more than 64 characters stands in the alternative name alone (Q52)', async () => {
    await writeKey()
    const name = 'prometheus-server.monitoring.serviceaccount.identity.linkerd.cluster.local'
    expect(await create(name)).toMatchObject({ code: 0 })
    const { json } = await meshidJson(['csr', 'inspect', path('csr.der')])
    expect(json).toMatchObject({ commonName: null, dnsNames: [name] })
  })

  test('says what is wrong with a name, down to the character', async () => {
    await writeKey()
    const { code, err } = await create(`${spiffeId}/`)
    expect(code).toBe(1)
    expect(err).toMatch(/^meshid: WORKLOAD_NAME_INVALID: .*\n {2}because: SPIFFE_ID_TRAILING_SLASH: .*\n {2}next: /)
  })

  test('does not overwrite a request unless forced, and never the key', async () => {
    await writeKey()
    await folder.write('csr.der', 'precious')
    expect(await create(spiffeId)).toMatchObject({ code: 1, err: expect.stringContaining('CLI_FILE_EXISTS') })
    expect(await folder.read('csr.der')).toBe('precious')
    expect(await create(spiffeId, '--force')).toMatchObject({ code: 0 })
    const key = await folder.read('key.p8')
    expect(await create(spiffeId, '--force', '--out', path('key.p8'))).toMatchObject({ code: 2 })
    expect(await folder.read('key.p8')).toBe(key)
  })

  test('a key that is missing leaves no request behind', async () => {
    expect(await create(spiffeId)).toMatchObject({ code: 1, err: expect.stringContaining('CLI_FILE_MISSING') })
    expect(await readdir(dirname(path('x')))).toEqual([])
  })
})

async function goodCsr(): Promise<Uint8Array> {
  const signer = createNodeSigner(generateNodePrivateKey('P-256'))
  return buildCsr({
    signer,
    commonName: 'web',
    dnsNames: ['web.test'],
    uris: [spiffeId],
    emailAddresses: ['a@b.test'],
  })
}

describe('meshid csr inspect', () => {
  test('shows what is asked for, and that possession is proven', async () => {
    const { code, out, err } = await meshid(['csr', 'inspect', await folder.write('csr.der', await goodCsr())])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/^Subject: {13}commonName=web\n/)
    expect(out).toContain(`URI name:            ${spiffeId}\nDNS name:            web.test\n`)
    expect(out).toContain('E-mail address:      a@b.test\n')
    expect(out).toMatch(/Asks for: {12}subjectAltName\nPossession: {10}proven\n$/)
  })

  test('takes PEM too', async () => {
    const stdin = encodePem('CERTIFICATE REQUEST', await goodCsr())
    expect(await meshidJson(['csr', 'inspect', '-'], { stdin })).toMatchObject({
      code: 0,
      json: { possession: 'proven' },
    })
  })

  test('takes the shortest of all requests, whose DER looks most like text', async () => {
    const csr = await buildCsr({ signer: createNodeSigner(generateNodePrivateKey('Ed25519')) })
    const { code, out } = await meshid(['csr', 'inspect', await folder.write('csr.der', csr)])
    expect(code).toBe(0)
    expect([...csr.subarray(0, 2)]).toEqual([0x30, 0x7f])
    expect(out).toContain('Asks for:            no extensions\n')
  })

  test('one flipped bit of the signature: shown, said, exit 1 (Q1)', async () => {
    const csr = (await goodCsr()).slice()
    csr[csr.length - 1] = (csr.at(-1) ?? 0) ^ 1
    const { code, out, err } = await meshid(['csr', 'inspect', await folder.write('csr.der', csr)])
    expect(code).toBe(1)
    expect(out).toContain('Possession:          not proven (CSR_SIGNATURE_INVALID)\n')
    expect(err).toMatch(/^meshid: CSR_SIGNATURE_INVALID: /)
    const { json } = await meshidJson(['csr', 'inspect', path('csr.der')])
    expect(json).toMatchObject({ possession: 'CSR_SIGNATURE_INVALID' })
  })

  test.each([
    ['trailing bytes', (csr: Uint8Array) => Buffer.concat([csr, Buffer.of(0)]), 'CSR_MALFORMED'],
    ['an end too early', (csr: Uint8Array) => csr.subarray(0, 90), 'CSR_MALFORMED'],
    ['1 MB', () => Buffer.alloc(1_000_000), 'CLI_FILE_TOO_LARGE'],
    ['20 kB of DER', () => Buffer.concat([Buffer.of(0x30, 0x82, 0x4e, 0x1c), Buffer.alloc(19_996)]), 'CSR_TOO_LARGE'],
    ['a certificate', () => Buffer.from(encodePem('CERTIFICATE', Uint8Array.of(48, 0))), 'CSR_PEM_INVALID'],
  ])('refuses %s with exit 1', async (_, damage, reason) => {
    const file = await folder.write('csr.der', damage(await goodCsr()))
    const { code, out, err } = await meshid(['csr', 'inspect', file])
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toContain(`meshid: ${reason}: ${file}: `)
    expect((await readFile(file)).length).toBeGreaterThan(0)
  })
})
