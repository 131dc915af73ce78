import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { environmentOf, flagsFor, run, startServer } from './server-process.ts'
import { createWorld, goodRequest, secret, type World } from './world.ts'

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

let world: World
beforeAll(async () => {
  world = await createWorld()
  await writeFile(join(world.folder, 'file'), 'not a directory')
})
afterAll(() => world[Symbol.asyncDispose]())

/** Runs a server that cannot start, and gives its status, its messages, and what its last line says. */
async function lastWords(args: readonly string[] = [], env = environmentOf(world), flags = flagsFor(world)) {
  const { code, stdout } = await run([...flags, ...args], env)
  const lines = stdout.trimEnd().split('\n')
  const messages = lines.map((line) => (JSON.parse(line) as { readonly msg: string }).msg)
  const { level, msg, code: reason } = JSON.parse(lines.at(-1) ?? '')
  return { code, level, msg, reason, messages }
}

/** A port that somebody else has. */
async function takenPort(): Promise<{ readonly port: number } & Disposable> {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const address = other.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    [Symbol.dispose]: () => void other.close(),
  }
}

/** What was said before the end, in the order of section 3.3 of Linkerd's behaviour. */
const said = {
  version: /^running version \d/,
  admin: /^starting admin server on 127\.0\.0\.1:\d+$/,
  client: /^Using k8s client with QPS=100\.00 Burst=200$/,
}

describe('a server that cannot do its work does not start: FATAL with the coded reason, status 1', () => {
  const nowhere = 'MOUNTS_DIRECTORY_MISSING'
  const notes = { before: [said.version, said.admin] }
  const later = { before: [said.version, said.admin, said.client] }
  test.each([
    {
      of: '3. no trust anchors',
      ...notes,
      args: ['-trust-roots=/nowhere'],
      text: 'could not read identity trust anchors PEM',
      reason: nowhere,
    },
    {
      of: '3. no trust anchors, although it is disabled',
      ...notes,
      args: ['-trust-roots=/nowhere', '-identity-scheme='],
      text: 'could not read identity trust anchors PEM',
      reason: nowhere,
    },
    {
      of: '6. a trust domain that is none',
      ...notes,
      args: ['-identity-trust-domain=Cluster.Local'],
      text: "Invalid trust domain: invalid domain 'Cluster.Local'",
      reason: 'SPIFFE_ID_TRUST_DOMAIN_UPPERCASE',
    },
    {
      of: '6. a control-plane namespace that is no label',
      ...notes,
      args: ['-profile=linkerd', '-controller-namespace=a.b'],
      text: "Invalid trust domain: invalid label 'a.b'",
      reason: 'SPIFFE_ID_LINKERD_CONTROL_NAMESPACE_INVALID',
    },
    {
      of: '9. no issuer directory',
      ...notes,
      args: ['-issuer=/nowhere'],
      text: 'Failed to start creds watcher',
      reason: nowhere,
    },
    {
      of: '11. no API credentials',
      ...later,
      args: ['-service-account-dir=/nowhere'],
      text: 'Failed to initialize identity service',
      reason: 'TOKEN_REVIEW_CREDENTIALS_UNREADABLE',
    },
  ])('$of: $reason', async ({ args, text, reason, before }) => {
    const { code, level, msg, reason: found, messages } = await lastWords(args)
    expect({ code, level, found }).toEqual({ code: 1, level: 'fatal', found: reason })
    expect(msg.startsWith(`${text}: `)).toBe(true)
    const info = messages.slice(0, before.length)
    for (const [index, pattern] of before.entries()) expect(info[index]).toMatch(pattern)
  })

  test('7. trust anchors that cannot be parsed', async () => {
    await using bad = await createWorld()
    await bad.trustRoots.update({ 'ca-bundle.crt': 'no PEM' })
    const { code, msg, reason } = await lastWords([], environmentOf(bad), flagsFor(bad))
    expect({ code, reason }).toEqual({ code: 1, reason: 'CERT_PEM_EMPTY' })
    expect(msg).toMatch(/^Failed to read trust anchors: CERT_PEM_EMPTY: /)
  })

  test('9. a file where the issuer directory should be', async () => {
    const { msg, reason } = await lastWords([`-issuer=${join(world.folder, 'file')}`])
    expect(reason).toBe('MOUNTS_NOT_A_DIRECTORY')
    expect(msg).toMatch(/^Failed to start creds watcher: /)
  })

  test('10. outside of a cluster', async () => {
    expect(await lastWords([], {})).toMatchObject({
      code: 1,
      level: 'fatal',
      reason: 'TOKEN_REVIEW_NOT_IN_CLUSTER',
      msg: expect.stringMatching(/^Error configuring Kubernetes API client: /) as unknown,
    })
  })

  test('11. without the right to create token reviews', async () => {
    await using forbidden = await createWorld()
    forbidden.api.revoke('system:serviceaccount:linkerd:linkerd-identity', 'tokenreviews')
    const { code, stdout } = await run(flagsFor(forbidden), environmentOf(forbidden))
    expect(code).toBe(1)
    expect(stdout).toMatch(
      /"TOKEN_REVIEW_FORBIDDEN".*Failed to initialize identity service: Unable to create kubernetes token reviews: /,
    )
    expect(forbidden.api.requestCount()).toBe(1)
  })

  test('14. a key of another certificate: CERT_KEY_MISMATCH', async () => {
    await using bad = await createWorld()
    const { key } = await bad.ca.anotherIssuer('identity.other')
    await bad.issuer.update(secret(bad.ca.issuerPem, key.toPkcs8Pem()))
    const { code, stdout } = await run(flagsFor(bad), environmentOf(bad))
    expect(code).toBe(1)
    expect(stdout).toMatch(/"fatal".*"CERT_KEY_MISMATCH".*Failed to initialize identity service: CERT_KEY_MISMATCH: /)
    expect(stdout).not.toContain('Skipping issuer update')
  })

  test('14. files of neither scheme: those of the flag are named', async () => {
    await using bad = await createWorld()
    await bad.issuer.update({ 'ca.crt': bad.ca.rootPem })
    const { msg, reason } = await lastWords([], environmentOf(bad), flagsFor(bad))
    expect(reason).toBe('MOUNTS_FILE_MISSING')
    expect(msg).toMatch(/^Failed to initialize identity service: .*crt\.pem/)
  })

  test('15. when its address is taken', async () => {
    using taken = await takenPort()
    const { code, msg, reason } = await lastWords([`-addr=127.0.0.1:${taken.port}`])
    expect({ code, reason }).toEqual({ code: 1, reason: 'RPC_UNAVAILABLE' })
    expect(msg).toMatch(new RegExp(`^Failed to listen on 127.0.0.1:${taken.port}: `))
  })
})

describe('a server that has nothing to do', () => {
  test.each([['-identity-scheme='], ['-identity-trust-domain=']])('5. %s: says so and ends with 0', async (flag) => {
    expect(await lastWords([flag])).toMatchObject({
      code: 0,
      level: 'info',
      msg: 'Identity disabled in control plane configuration.',
    })
  })
})

describe('the files of the other scheme', () => {
  test.each([
    { scheme: 'kubernetes.io/tls', names: ['crt.pem', 'key.pem'], of: 'linkerd.io/tls' },
    { scheme: 'linkerd.io/tls', names: ['tls.crt', 'tls.key'], of: 'kubernetes.io/tls' },
  ])('$of are used when those of $scheme are not there, with a warning', async ({ scheme, names, of }) => {
    await using other = await createWorld()
    const [certificate = '', key = ''] = names
    await other.issuer.update({ [certificate]: other.ca.issuerPem, [key]: other.ca.issuerKey.toPkcs8Pem() })
    await using server = await startServer(other, [`-identity-scheme=${scheme}`])
    const { level } = await server.log.next(new RegExp(`^Using ${certificate} and ${key} of ${of}: expected `))
    expect(level).toBe('warning')
    expect((await server.certify(await goodRequest(other))).leafCertificate.length).toBeGreaterThan(300)
  })

  test('come while it runs, when the Secret is made anew with the other type', async () => {
    await using other = await createWorld()
    await using server = await startServer(other)
    const { pem, key } = await other.ca.anotherIssuer('identity.other')
    await other.issuer.update({ 'tls.crt': pem, 'tls.key': key.toPkcs8Pem(), 'ca.crt': other.ca.rootPem })
    await server.log.next(/^Using tls\.crt and tls\.key of kubernetes\.io\/tls/)
    expect(await server.log.next(/^Updated identity issuer$/)).toMatchObject({
      invalid_after: expect.any(Number) as unknown,
      process_clock_time: expect.any(Number) as unknown,
      ttl_seconds: expect.any(Number) as unknown,
    })
  })
})

describe('the admin server', () => {
  test('2. when its address is taken the identity service goes on without it', async () => {
    using taken = await takenPort()
    const { messages, msg } = await lastWords([`-admin-addr=127.0.0.1:${taken.port}`, '-service-account-dir=/nowhere'])
    expect(messages[1]).toMatch(/^failed to start identity admin server: EADDRINUSE/)
    expect(messages[2]).toMatch(said.client)
    expect(msg).toMatch(/^Failed to initialize identity service: /)
  })

  test.each([
    { flags: ['-enable-pprof'], status: 200 },
    { flags: [], status: 404 },
  ])('serves profiles with $flags: $status', async ({ flags, status }) => {
    await using server = await startServer(world, flags)
    const [cpu, heap] = await Promise.all([
      server.get('/debug/pprof/profile?seconds=1'),
      server.get('/debug/pprof/heap'),
    ])
    expect([cpu.status, heap.status]).toEqual([status, status])
    if (status === 200) expect(Object.keys(JSON.parse(cpu.body) as object)).toContain('nodes')
  })
})
