import { readdir, stat, symlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import {
  createCaPair,
  createIssuerArguments,
  createRootArguments,
  files,
  linesOfPem,
  meshid,
  meshidJson,
  useFolder,
  words,
} from './meshid.ts'

const folder = useFolder()
const { path } = folder

const create = (...more: readonly string[]) => meshid([...createRootArguments(folder), ...more])

/** The same with another argument in a place of those after the verb: subject, certificate, key. */
const createWith = (at: 0 | 1 | 2, argument: string, ...more: readonly string[]) =>
  meshid([...createRootArguments(folder).with(at + 2, argument), ...more])

const inspect = async (name: string) => {
  const { json } = await meshidJson(['certificate', 'inspect', path(name)])
  return (json as { certificates: readonly Record<string, unknown>[] }).certificates[0]
}

describe('meshid certificate create --profile root-ca', () => {
  test('writes a root for ten years and its P-256 key, mode 0600 (story chapter 3)', async () => {
    const { code, out, err } = await create()
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain('Subject:             CN=root.linkerd.cluster.local\n')
    expect(out).toContain('(3650 d left)')
    expect(await inspect('ca.crt')).toMatchObject({
      subject: 'CN=root.linkerd.cluster.local',
      issuer: 'CN=root.linkerd.cluster.local',
      publicKey: { algorithm: 'P-256' },
      notBefore: '2026-03-04T11:59:50Z',
      notAfter: '2036-03-01T12:00:00Z',
      basicConstraints: { ca: true, pathLength: null },
      keyUsage: ['keyCertSign', 'crlSign'],
      subjectAltNames: null,
    })
    expect((await stat(path('ca.key'))).mode & 0o777).toBe(0o600)
    expect((await stat(path('ca.crt'))).mode & 0o777).toBe(0o644)
    const key = await folder.read('ca.key')
    expect(key).toMatch(/^-----BEGIN PRIVATE KEY-----\n/)
    for (const line of linesOfPem(key)) expect(out + err).not.toContain(line)
  })

  test('carries the SPIFFE ID of a trust domain if asked to (X509-9)', async () => {
    await create('--trust-domain', 'example.org')
    expect(await inspect('ca.crt')).toMatchObject({ spiffeId: 'spiffe://example.org' })
  })

  test.each([
    ['8760h', '2027-03-04T12:00:00Z'],
    ['24h0m0s', '2026-03-05T12:00:00Z'],
    ['1h30m', '2026-03-04T13:30:00Z'],
    ['1.5h', '2026-03-04T13:30:00Z'],
    ['+90s', '2026-03-04T12:01:30Z'],
    ['.5h1.m', '2026-03-04T12:31:00Z'],
    ['2500ms', '2026-03-04T12:00:02Z'],
    ['3000000us', '2026-03-04T12:00:03Z'],
    ['3000000\u00b5s', '2026-03-04T12:00:03Z'],
    ['3000000\u03bcs', '2026-03-04T12:00:03Z'],
    ['4000000000ns', '2026-03-04T12:00:04Z'],
  ])('reads the lifetime %s as Go does', async (lifetime, notAfter) => {
    expect(await create('--not-after', lifetime)).toMatchObject({ code: 0 })
    expect(await inspect('ca.crt')).toMatchObject({ notAfter })
  })

  test('takes an instant as well, as step does', async () => {
    const now = new Date('2026-03-04T12:00:00.900Z')
    await meshid([...createRootArguments(folder), '--not-after', '2028-01-01T00:00:00Z'], { now })
    expect(await inspect('ca.crt')).toMatchObject({ notAfter: '2028-01-01T00:00:00Z' })
    expect(await create('--force', '--not-after', '2026-03-04')).toMatchObject({
      code: 1,
      err: expect.stringContaining('CERT_LIFETIME_INVALID'),
    })
    expect(await create('--force', '--not-after', '2026-02-31')).toMatchObject({
      code: 2,
      err: expect.stringContaining('CLI_INSTANT_INVALID'),
    })
  })

  test('takes what step needs to leave keys without passphrase, to no effect', async () => {
    expect(await create('--no-password', '--insecure')).toMatchObject({ code: 0, err: '' })
    expect(await folder.read('ca.key')).toMatch(/^-----BEGIN PRIVATE KEY-----\n/)
  })

  test('prints the same as JSON: the certificate as inspect does, and where both files are', async () => {
    const { json } = await meshidJson(createRootArguments(folder))
    expect(json).toEqual({
      certificates: [await inspect('ca.crt')],
      certificateFile: path('ca.crt'),
      keyFile: path('ca.key'),
    })
  })

  test.each([
    [['--ca', 'x'], 'expected neither --ca nor --ca-key, because a root signs itself'],
    [['--san', 'spiffe://example.org/a'], 'expected no --san, which only a leaf has'],
    [['--control-namespace', 'linkerd'], 'expected no --control-namespace, which only a leaf has'],
    [['--profile', 'intermediate-ca', '--ca', 'x'], 'expected --ca and --ca-key, the CA that signs'],
    [['--profile', 'leaf', '--ca-key', 'x'], 'expected --ca and --ca-key, the CA that signs'],
    [['--profile', 'self-signed'], 'Allowed choices are root-ca, intermediate-ca, leaf'],
  ])('%j do not fit: wrong usage, exit 2, no file', async (options, message) => {
    const { code, err } = await create(...options)
    expect(code).toBe(2)
    expect(err).toMatch(/^meshid: CLI_USAGE: /)
    expect(err).toContain(message)
    expect(await readdir(dirname(path('x')))).toEqual([])
  })

  test.each(['', '5', '365d', '1 h', '-1h', '1h30', 'h', '.h', '1e3s', '2562048h', '9'.repeat(70)])(
    'a lifetime of %j is wrong usage, exit 2',
    async (lifetime) => {
      const { code, err } = await create('--not-after', lifetime)
      expect(code).toBe(2)
      expect(err).toMatch(/^meshid: CLI_DURATION_INVALID: duration: expected hours, .*found ".*"\n {2}next: .*8760h/)
      expect(await readdir(dirname(path('x')))).toEqual([])
    },
  )

  test.each([
    ['0', 'CERT_LIFETIME_INVALID'],
    ['+0', 'CERT_LIFETIME_INVALID'],
    ['999ms', 'CERT_LIFETIME_INVALID'],
    ['1000000h', 'CERT_LIFETIME_INVALID'],
  ])('refuses a lifetime of %s with %s, and leaves no file behind', async (lifetime, reason) => {
    const { code, err } = await create('--not-after', lifetime)
    expect(code).toBe(1)
    expect(err).toContain(`meshid: ${reason}: `)
    expect(await readdir(dirname(path('x')))).toEqual([])
  })

  test('refuses a common name of more than 64 characters', async () => {
    const { code, err } = await createWith(0, 'a'.repeat(65))
    expect(code).toBe(1)
    expect(err).toMatch(/^meshid: CERT_COMMON_NAME_INVALID: common name: expected 1 to 64 characters, found 65\n/)
  })
})

describe('what is never overwritten', () => {
  test.each(['ca.crt', 'ca.key'])(
    'an existing %s, unless forced; the other file is not written either',
    async (name) => {
      await folder.write(name, 'precious')
      const { code, err, out } = await create()
      expect({ code, out }).toEqual({ code: 1, out: '' })
      expect(err).toContain(`meshid: CLI_FILE_EXISTS: ${path(name)}: expected no file, found one\n`)
      expect(err).toContain('add --force to replace it')
      expect(await readdir(dirname(path('x')))).toEqual([name])
      expect(await folder.read(name)).toBe('precious')

      expect(await create('--force')).toMatchObject({ code: 0, err: '' })
      expect(await folder.read(name)).toMatch(/^-----BEGIN /)
      expect((await stat(path('ca.key'))).mode & 0o777).toBe(0o600)
    },
  )

  test('a symbolic link, even one that leads nowhere', async () => {
    await symlink(path('elsewhere'), path('ca.key'))
    const { code, err } = await create()
    expect(code).toBe(1)
    expect(err).toContain('CLI_FILE_EXISTS')
    expect(await readdir(dirname(path('x')))).toEqual(['ca.key'])
  })

  test('an input, not even by force: the key of the root cannot be lost', async () => {
    await createCaPair(folder)
    const key = await folder.read('ca.key')
    await symlink('.', path('same'))
    for (const place of [path('ca.key'), path('same/ca.key'), `${path('.')}/./ca.key`]) {
      const { code, err } = await meshid([...createIssuerArguments(folder).with(4, place), '--force'])
      expect(code).toBe(2)
      expect(err).toMatch(/^meshid: CLI_PATHS_COLLIDE: /)
    }
    expect(await folder.read('ca.key')).toBe(key)
  })

  test('one output by the other', async () => {
    const { code, err } = await createWith(2, path('ca.crt'))
    expect(code).toBe(2)
    expect(err).toContain('CLI_PATHS_COLLIDE')
    expect(await readdir(dirname(path('x')))).toEqual([])
  })

  test.each([
    ['no/such/ca.key', [], 'ENOENT'],
    ['.', ['--force'], 'EISDIR'],
    ['k'.repeat(300), [], 'ENAMETOOLONG'],
  ])('a place that cannot be written is refused before anything is: %s', async (name, options, reason) => {
    const { code, err } = await createWith(2, path(name), ...options)
    expect(code).toBe(1)
    expect(err).toContain(`expected a place to write, the system said ${reason}\n`)
    expect(err).toContain('meshid: CLI_FILE_NOT_WRITABLE: ')
    expect(await readdir(dirname(path('x')))).toEqual([])
  })
})

describe('meshid certificate create --profile intermediate-ca', () => {
  beforeEach(() => createCaPair(folder))

  test('writes an issuer of path length 0 for a year, signed by the root (story chapter 3)', async () => {
    const root = await inspect('ca.crt')
    expect(await inspect('issuer.crt')).toMatchObject({
      subject: 'CN=identity.linkerd.cluster.local',
      issuer: 'CN=root.linkerd.cluster.local',
      publicKey: { algorithm: 'P-256' },
      notAfter: '2027-03-04T12:00:00Z',
      basicConstraints: { ca: true, pathLength: 0 },
      keyUsage: ['keyCertSign', 'crlSign'],
      extendedKeyUsage: null,
      authorityKeyId: root?.['subjectKeyId'],
    })
    expect((await stat(path('issuer.key'))).mode & 0o777).toBe(0o600)
  })

  test('a lifetime beyond that of the root is cut, and says so (Q14)', async () => {
    const { code, err } = await meshid([...createIssuerArguments(folder), '--force', '--not-after', '99999h'])
    expect(code).toBe(0)
    expect(err).toBe(
      'meshid: note: valid until 2036-03-01T12:00:00Z: cut, because no certificate outlives the CA above it\n',
    )
    expect(await inspect('issuer.crt')).toMatchObject({ notAfter: '2036-03-01T12:00:00Z' })
  })

  test('takes a bundle of several roots, and the one that the key belongs to counts', async () => {
    const old = await folder.read('ca.crt')
    await createWith(0, 'new root', '--force')
    await folder.write('ca.crt', old + (await folder.read('ca.crt')))
    expect(await meshid([...createIssuerArguments(folder), '--force'])).toMatchObject({ code: 0, err: '' })
    expect(await inspect('issuer.crt')).toMatchObject({ issuer: 'CN=new root' })
  })

  test('an issuer of path length 0 signs no further one', async () => {
    const chain = (await folder.read('issuer.crt')) + (await folder.read('ca.crt'))
    const { code, err } = await meshid([
      ...words('certificate create below --profile intermediate-ca'),
      path('below.crt'),
      path('below.key'),
      ...files({ '--ca': await folder.write('chain.pem', chain), '--ca-key': path('issuer.key') }),
    ])
    expect(code).toBe(1)
    expect(err).toContain('meshid: CERT_PATH_LENGTH_EXCEEDED: ')
  })

  test('refuses the key of another certificate, and says what to do', async () => {
    const other = await folder.write('other.key', await folder.read('issuer.key'))
    const { code, err } = await meshid([...createIssuerArguments(folder), '--force', '--ca-key', other])
    expect(code).toBe(1)
    expect(err).toMatch(/^meshid: CERT_KEY_MISMATCH: .*\n[^]* {2}next: .*pair them again\.\n$/)
  })

  test.each([
    ['--ca', 'ca.key', /^meshid: note: .*ignored the PRIVATE KEY block[^]*meshid: CERT_PEM_EMPTY: .*ca\.key: /],
    ['--ca', 'gone.crt', /^meshid: CLI_FILE_MISSING: .*gone\.crt: expected a file, the system said ENOENT\n/],
    ['--ca-key', 'ca.crt', /^meshid: KEYS_PRIVATE_KEY_INVALID: .*ca\.crt: private key: expected .*found CERTIFICATE\n/],
  ])('refuses %s %s and names the file', async (option, name, message) => {
    const { code, err } = await meshid([...createIssuerArguments(folder), '--force', option, path(name)])
    expect(code).toBe(1)
    expect(err).toMatch(message)
  })

  test('an expired root signs nothing', async () => {
    const now = new Date('2040-01-01T00:00:00Z')
    const { code, err } = await meshid([...createIssuerArguments(folder), '--force'], { now })
    expect(code).toBe(1)
    expect(err).toContain('EXPIRED: ')
  })
})
