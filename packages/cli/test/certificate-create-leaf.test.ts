import { stat } from 'node:fs/promises'
import { beforeEach, describe, expect, test } from 'vitest'
import { createCaPair, createRootArguments, files, meshid, meshidJson, useFolder } from './meshid.ts'

const folder = useFolder()
const { path } = folder
const spiffeId = 'spiffe://cluster.local/ns/emojivoto/sa/web'
const linkerdName = 'web.emojivoto.serviceaccount.identity.linkerd.cluster.local'

const leafArguments = (subject: string, ...more: readonly string[]): readonly string[] => [
  'certificate',
  'create',
  subject,
  path('web.crt'),
  path('web.key'),
  ...files({ '--ca': path('issuer.crt'), '--ca-key': path('issuer.key') }),
  ...more,
]

const create = (subject: string, ...more: readonly string[]) => meshid(leafArguments(subject, ...more))

const inspect = async () => {
  const { json } = await meshidJson(['certificate', 'inspect', path('web.crt')])
  return (json as { certificates: readonly Record<string, unknown>[] }).certificates
}

describe('meshid certificate create --profile leaf', () => {
  beforeEach(() => createCaPair(folder))

  test('issues the leaf of a SPIFFE ID for a day and adds its issuer, without the root (X509-1, X509-8)', async () => {
    const { code, out, err } = await create(spiffeId, '--profile', 'leaf')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain(spiffeId)
    const [leaf, ...others] = await inspect()
    expect(leaf).toMatchObject({
      subject: '',
      spiffeId,
      notBefore: '2026-03-04T11:59:50Z',
      notAfter: '2026-03-05T12:00:00Z',
      basicConstraints: { ca: false },
      keyUsage: ['digitalSignature'],
      extendedKeyUsage: ['serverAuth', 'clientAuth'],
      subjectAltNames: { uris: [spiffeId], dnsNames: [] },
    })
    expect(others).toMatchObject([{ subject: 'CN=identity.linkerd.cluster.local' }])
    expect((await stat(path('web.key'))).mode & 0o777).toBe(0o600)
    const key = await meshidJson(['key', 'inspect', path('web.key')])
    const { keyId } = key.json as { readonly keyId: string }
    expect(leaf?.['publicKey']).toEqual({ algorithm: 'P-256', keyId })
    for (const purpose of ['leaf-client', 'leaf-server']) {
      const args = ['certificate', 'verify', path('web.crt'), '--trust-anchors', path('ca.crt'), '--purpose', purpose]
      expect(await meshid(args)).toMatchObject({ code: 0, err: '' })
    }
  })

  test('is the default profile, as in step, and prints the whole chain as JSON', async () => {
    const { json } = await meshidJson(leafArguments(spiffeId))
    const certificates = await inspect()
    expect(json).toEqual({ certificates, certificateFile: path('web.crt'), keyFile: path('web.key') })
  })

  test.each([
    [linkerdName, [], { subject: '', subjectAltNames: { dnsNames: [linkerdName], uris: [] } }],
    ['web', ['--san', spiffeId], { subject: 'CN=web', subjectAltNames: { uris: [spiffeId], dnsNames: [] } }],
    ['web', ['--san', linkerdName], { subject: 'CN=web', subjectAltNames: { dnsNames: [linkerdName], uris: [] } }],
    [
      spiffeId,
      ['--san', linkerdName, '--trust-domain', 'cluster.local', '--control-namespace', 'linkerd'],
      { subject: '', spiffeId, subjectAltNames: { dnsNames: [linkerdName], uris: [spiffeId] } },
    ],
    [spiffeId, ['--san', spiffeId], { subject: '', spiffeId }],
  ])('of %s with %j', async (subject, options, leaf) => {
    expect(await create(subject, ...options)).toMatchObject({ code: 0, err: '' })
    expect((await inspect())[0]).toMatchObject(leaf)
  })

  test.each([
    ['web', [], 2, 'CLI_USAGE: leaf: expected a SPIFFE ID or a Linkerd name as subject or --san, found neither'],
    [spiffeId, ['--san', `${spiffeId}2`], 2, 'CLI_USAGE: leaf: expected one SPIFFE ID, found 2'],
    ['web', ['--san', 'web.test'], 1, 'CLI_ID_UNRECOGNIZED: --san: expected a SPIFFE ID or a Linkerd name, found'],
    ['a'.repeat(65), ['--san', spiffeId], 1, 'CERT_COMMON_NAME_INVALID: '],
    ['spiffe://cluster.local', [], 1, 'CERT_SPIFFE_ID_WITHOUT_PATH: '],
    ['spiffe://cluster.local/', [], 1, 'SPIFFE_ID_TRAILING_SLASH: '],
    [spiffeId, ['--trust-domain', 'example.org'], 1, 'SPIFFE_ID_'],
    [linkerdName, ['--control-namespace', 'other'], 1, 'SPIFFE_ID_LINKERD_NAME_SUFFIX: '],
    [spiffeId, ['--not-after', '0'], 1, 'CERT_LIFETIME_INVALID: '],
  ])('of %s with %j is refused, and leaves no file behind', async (subject, options, exit, message) => {
    const { code, err } = await create(subject, ...options)
    expect(code).toBe(exit)
    expect(err).toContain(`meshid: ${message}`)
    await expect(stat(path('web.crt'))).rejects.toThrow('ENOENT')
    await expect(stat(path('web.key'))).rejects.toThrow('ENOENT')
  })

  test('a lifetime beyond that of the issuer is cut, and says so (Q14)', async () => {
    const { code, err } = await create(spiffeId, '--not-after', '99999h')
    expect(code).toBe(0)
    expect(err).toMatch(/^meshid: note: valid until 2027-03-04T12:00:00Z: cut, /)
  })

  test('goes through the trial of an issuer: a key of another CA is refused (Q2)', async () => {
    const { code, err } = await create(spiffeId, '--ca-key', path('ca.key'))
    expect(code).toBe(1)
    expect(err).toContain('meshid: CERT_KEY_MISMATCH: ')
  })

  test('a root that signs a leaf itself is not sent with it: who trusts it has it', async () => {
    expect(await create(spiffeId, '--ca', path('ca.crt'), '--ca-key', path('ca.key'))).toMatchObject({ code: 0 })
    expect(await inspect()).toHaveLength(1)
  })

  test('the chain of an issuer is sent up to the root, which is left out', async () => {
    const chain = (await folder.read('issuer.crt')) + (await folder.read('ca.crt'))
    expect(await create(spiffeId, '--ca', await folder.write('chain.pem', chain))).toMatchObject({ code: 0, err: '' })
    expect(await inspect()).toHaveLength(2)
  })

  test('never overwrites its inputs, nor without force its outputs', async () => {
    const before = await folder.read('issuer.key')
    const over = leafArguments(spiffeId, '--force').with(4, path('issuer.key'))
    expect(await meshid(over)).toMatchObject({ code: 2, err: expect.stringContaining('CLI_PATHS_COLLIDE') })
    expect(await folder.read('issuer.key')).toBe(before)
    await create(spiffeId)
    expect(await create(spiffeId)).toMatchObject({ code: 1, err: expect.stringContaining('CLI_FILE_EXISTS') })
    expect(await create(spiffeId, '-f')).toMatchObject({ code: 0 })
  })

  test('an expired issuer issues nothing', async () => {
    const { code, err } = await meshid(leafArguments(spiffeId), { now: new Date('2028-01-01T00:00:00Z') })
    expect(code).toBe(1)
    expect(err).toMatch(/^meshid: CERT_(ANCHOR_)?EXPIRED: /)
  })

  test('below another root of the same name it does not verify', async () => {
    await create(spiffeId)
    await meshid([...createRootArguments(folder), '--force'])
    const { code, err } = await meshid(['certificate', 'verify', path('web.crt'), '--trust-anchors', path('ca.crt')])
    expect(code).toBe(1)
    expect(err).toMatch(/^meshid: CERT_(SIGNATURE_INVALID|UNKNOWN_ISSUER): /)
  })
})
