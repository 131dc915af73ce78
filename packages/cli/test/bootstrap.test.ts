import { mkdir, readdir, readFile, stat } from 'node:fs/promises'
import { beforeEach, describe, expect, test } from 'vitest'
import { createCaPair, linesOfPem, meshid, meshidJson, useFolder } from './meshid.ts'

const folder = useFolder()
const { path } = folder
const spiffeId = 'spiffe://cluster.local/ns/emojivoto/sa/web'
const linkerdName = 'web.emojivoto.serviceaccount.identity.linkerd.cluster.local'

const bootstrap = (...options: readonly string[]) => meshid(['bootstrap', '--dir', path('dir'), ...options])

describe('meshid bootstrap', () => {
  beforeEach(async () => {
    await createCaPair(folder)
    await mkdir(path('dir'))
  })

  test('writes key.p8 (PEM) and csr.der, mode 0600, for a SPIFFE ID (story chapter 6)', async () => {
    const { code, out, err } = await bootstrap('--name', spiffeId, '--trust-anchors', path('ca.crt'))
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain(`Name:                ${spiffeId}\nTrust anchors:       CN=root.linkerd.cluster.local\n`)
    expect(out).not.toContain('pre-existing')
    expect((await readdir(path('dir'))).toSorted()).toEqual(['csr.der', 'key.p8'])
    for (const name of ['dir/key.p8', 'dir/csr.der']) expect((await stat(path(name))).mode & 0o777).toBe(0o600)
    const key = await folder.read('dir/key.p8')
    for (const line of linesOfPem(key)) expect(out).not.toContain(line)
    const csr = await meshidJson(['csr', 'inspect', path('dir/csr.der')])
    const { json } = await meshidJson(['key', 'inspect', path('dir/key.p8')])
    const { keyId } = json as { keyId: string }
    expect(csr.json).toMatchObject({ uris: [spiffeId], publicKey: { keyId }, possession: 'proven' })
  })

  test('writes key.p8 as DER for a DNS name, as Linkerd does, or as told', async () => {
    await bootstrap('--name', linkerdName, '--trust-anchors', path('ca.crt'))
    expect((await readFile(path('dir/key.p8')))[0]).toBe(0x30)
    await bootstrap('--name', linkerdName, '--trust-anchors', path('ca.crt'), '--key-format', 'pem')
    expect(await folder.read('dir/key.p8')).toMatch(/^-----BEGIN PRIVATE KEY-----\n/)
  })

  test('a DNS name of more than 64 characters is asked for without a common name (Q52)', async () => {
    const name = 'prometheus-server.monitoring.serviceaccount.identity.linkerd.cluster.local'
    expect(await bootstrap('--name', name, '--trust-anchors', path('ca.crt'))).toMatchObject({ code: 0, err: '' })
    const { json } = await meshidJson(['csr', 'inspect', path('dir/csr.der')])
    expect(json).toMatchObject({ commonName: null, dnsNames: [name] })
  })

  test('makes a new pair each time and says what it found, as Linkerd does', async () => {
    const anchors = ['--trust-anchors', path('ca.crt')]
    await bootstrap('--name', spiffeId, ...anchors)
    const first = await folder.read('dir/key.p8')
    const { code, out, err } = await bootstrap('--name', spiffeId, ...anchors)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain(`Found pre-existing key: ${path('dir/key.p8')}\n`)
    expect(out).toContain(`Found pre-existing CSR: ${path('dir/csr.der')}\nName: `)
    expect(await folder.read('dir/key.p8')).not.toBe(first)
  })

  test('says the same as JSON', async () => {
    const args = ['bootstrap', '--dir', path('dir'), '--name', spiffeId, '--trust-anchors', path('ca.crt')]
    await folder.write('dir/key.p8', 'half a k')
    const { json } = await meshidJson(args)
    const key = await meshidJson(['key', 'inspect', path('dir/key.p8')])
    const { keyId } = key.json as { readonly keyId: string }
    expect(json).toEqual({
      name: spiffeId,
      trustAnchors: ['CN=root.linkerd.cluster.local'],
      publicKey: { algorithm: 'P-256', keyId },
      keyFile: path('dir/key.p8'),
      requestFile: path('dir/csr.der'),
      replaced: [path('dir/key.p8')],
    })
  })

  test("takes everything from the variables of Linkerd's injector", async () => {
    const env = {
      LINKERD2_PROXY_IDENTITY_DIR: path('dir'),
      LINKERD2_PROXY_IDENTITY_LOCAL_NAME: linkerdName,
      LINKERD2_PROXY_IDENTITY_TRUST_ANCHORS: await folder.read('ca.crt'),
    }
    const { code, out, err } = await meshid(['bootstrap'], { env })
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain(`Name:                ${linkerdName}\nTrust anchors:       CN=root.linkerd.cluster.local\n`)
    expect(await readdir(path('dir'))).toHaveLength(2)
  })

  test.each([{}, { LINKERD2_PROXY_IDENTITY_TRUST_ANCHORS: '' }])(
    'refuses %j: no trust anchors, no key',
    async (env) => {
      const { code, out, err } = await meshid(['bootstrap', '--dir', path('dir'), '--name', spiffeId], { env })
      expect({ code, out }).toEqual({ code: 1, out: '' })
      expect(err).toMatch(
        /^meshid: CLI_VARIABLE_MISSING: Failed to load trust anchors: 'LINKERD2_PROXY_IDENTITY_TRUST_ANCHORS' must be set\n/,
      )
      expect(err).toContain('evidence: expected LINKERD2_PROXY_IDENTITY_TRUST_ANCHORS or --trust-anchors\n')
      expect(await readdir(path('dir'))).toEqual([])
    },
  )

  test('refuses broken trust anchors before it makes a key, and says where they came from', async () => {
    const env = { LINKERD2_PROXY_IDENTITY_TRUST_ANCHORS: 'nothing here' }
    const { code, err } = await meshid(['bootstrap', '--dir', path('dir'), '--name', spiffeId], { env })
    expect(code).toBe(1)
    expect(err).toMatch(/^meshid: CERT_PEM_EMPTY: LINKERD2_PROXY_IDENTITY_TRUST_ANCHORS: /)
    expect(await readdir(path('dir'))).toEqual([])
  })

  test.each([
    ['gone', 'WORKLOAD_DIRECTORY_MISSING'],
    ['ca.crt', 'WORKLOAD_DIRECTORY_NOT_A_DIRECTORY'],
  ])('refuses the directory %s with %s', async (name, reason) => {
    const { code, err } = await bootstrap('--name', spiffeId, '--dir', path(name), '--trust-anchors', path('ca.crt'))
    expect(code).toBe(1)
    expect(err).toMatch(new RegExp(`^meshid: ${reason}: .*\n[^]* {2}next: `))
  })

  test.each(['web', 'Web.Emojivoto', 'spiffe://cluster.local'])('refuses the name %s', async (name) => {
    const { code, err } = await bootstrap('--name', name, '--trust-anchors', path('ca.crt'))
    expect(code).toBe(1)
    expect(err).toContain('meshid: WORKLOAD_NAME_INVALID: ')
    expect(await readdir(path('dir'))).toEqual([])
  })

  test.each([
    ['--dir', 'LINKERD2_PROXY_IDENTITY_DIR', 'Invalid end-entity directory: no end entity directory specified'],
    ['--name', 'LINKERD2_PROXY_IDENTITY_LOCAL_NAME', 'a non-empty identity is required'],
  ])('without %s and %s, or with empty ones, it refuses as Linkerd does', async (option, variable, message) => {
    const all = { '--dir': path('dir'), '--name': spiffeId, '--trust-anchors': path('ca.crt') }
    const others = Object.entries(all).filter(([name]) => name !== option)
    for (const more of [[], [option, '']]) {
      const { code, err } = await meshid(['bootstrap', ...others.flat(), ...more], { env: { [variable]: '' } })
      expect(code).toBe(1)
      expect(err).toContain(`meshid: CLI_VARIABLE_MISSING: ${message}\n`)
    }
    expect(await readdir(path('dir'))).toEqual([])
  })
})
