import { mkdir, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { createCaPair, linesOfPem, meshid, meshidJson, useFolder } from './meshid.ts'

const folder = useFolder()
const { path } = folder
const spiffeId = 'spiffe://cluster.local/ns/emojivoto/sa/web'
const linkerdName = 'web.emojivoto.serviceaccount.identity.linkerd.cluster.local'

const bootstrap = (...options: readonly string[]) => meshid(['workload', 'bootstrap', '--dir', path('dir'), ...options])

describe('meshid workload bootstrap', () => {
  beforeEach(async () => {
    await createCaPair(folder)
    await mkdir(path('dir'))
  })

  test('writes key.p8 (PEM) and csr.der, mode 0600, for a SPIFFE ID (story chapter 6)', async () => {
    const { code, out, err } = await bootstrap('--name', spiffeId, '--trust-anchors', path('ca.crt'))
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain(`Name:                ${spiffeId}\nTrust anchors:       CN=root.linkerd.cluster.local\n`)
    expect(out).toMatch(/Origin: {14}created: /)
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
    await bootstrap('--name', linkerdName, '--trust-anchors', path('ca.crt'), '--renew', '--key-format', 'pem')
    expect(await folder.read('dir/key.p8')).toMatch(/^-----BEGIN PRIVATE KEY-----\n/)
  })

  test('a DNS name of more than 64 characters is asked for without a common name (Q52)', async () => {
    const name = 'prometheus-server.monitoring.serviceaccount.identity.linkerd.cluster.local'
    expect(await bootstrap('--name', name, '--trust-anchors', path('ca.crt'))).toMatchObject({ code: 0, err: '' })
    const { json } = await meshidJson(['csr', 'inspect', path('dir/csr.der')])
    expect(json).toMatchObject({ commonName: null, dnsNames: [name] })
  })

  test('keeps what is good for the name, and replaces what is not or what --renew says', async () => {
    const anchors = ['--trust-anchors', path('ca.crt')]
    await bootstrap('--name', spiffeId, ...anchors)
    const first = await folder.read('dir/key.p8')
    expect((await bootstrap('--name', spiffeId, ...anchors)).out).toContain('found, good for this name\n')
    expect(await folder.read('dir/key.p8')).toBe(first)
    expect((await bootstrap('--name', `${spiffeId}2`, ...anchors)).out).toContain(
      'created: the CSR was for another name',
    )
    expect((await bootstrap('--name', `${spiffeId}2`, '--renew', ...anchors)).out).toContain('created: a new key')
  })

  test("takes everything from the variables of Linkerd's injector", async () => {
    const env = {
      LINKERD2_PROXY_IDENTITY_DIR: path('dir'),
      LINKERD2_PROXY_IDENTITY_LOCAL_NAME: linkerdName,
      LINKERD2_PROXY_IDENTITY_TRUST_ANCHORS: await folder.read('ca.crt'),
    }
    const { code, out, err } = await meshid(['workload', 'bootstrap'], { env })
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain(`Name:                ${linkerdName}\nTrust anchors:       CN=root.linkerd.cluster.local\n`)
    expect(await readdir(path('dir'))).toHaveLength(2)
  })

  test('says that nobody can be trusted without trust anchors', async () => {
    const { code, err } = await bootstrap('--name', spiffeId)
    expect(code).toBe(0)
    expect(err).toMatch(/^meshid: note: no trust anchors were given/)
  })

  test('refuses broken trust anchors before it makes a key, and says where they came from', async () => {
    const env = { LINKERD2_PROXY_IDENTITY_TRUST_ANCHORS: '' }
    const { code, err } = await meshid(['workload', 'bootstrap', '--dir', path('dir'), '--name', spiffeId], { env })
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

  test('refuses an empty directory name, as Linkerd does', async () => {
    const { code, err } = await bootstrap('--name', spiffeId, '--dir', '', '--trust-anchors', path('ca.crt'))
    expect(code).toBe(1)
    expect(err).toContain('WORKLOAD_DIRECTORY_MISSING')
  })

  test.each(['web', 'Web.Emojivoto', 'spiffe://cluster.local'])('refuses the name %s', async (name) => {
    const { code, err } = await bootstrap('--name', name)
    expect(code).toBe(1)
    expect(err).toContain('meshid: WORKLOAD_NAME_INVALID: ')
    expect(await readdir(path('dir'))).toEqual([])
  })

  test.each([
    ['--name', 'LINKERD2_PROXY_IDENTITY_LOCAL_NAME', ['--dir', join('some', 'where')]],
    ['--dir', 'LINKERD2_PROXY_IDENTITY_DIR', ['--name', spiffeId]],
  ])('without %s and %s it is wrong usage', async (option, variable, args) => {
    const { code, err } = await meshid(['workload', 'bootstrap', ...args])
    expect(code).toBe(2)
    expect(err).toContain(`meshid: CLI_USAGE: expected ${option} or ${variable}, found neither\n`)
  })
})
