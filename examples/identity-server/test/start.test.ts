import { once } from 'node:events'
import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { environmentOf, flagsFor, run, startServer } from './server-process.ts'
import { createWorld, goodRequest, secret, type World } from './world.ts'

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

/** Runs a server that cannot start, and gives its status and its last line. */
async function lastWords(args: readonly string[] = [], env = environmentOf(world)) {
  const { code, stdout } = await run([...flagsFor(world), ...args], env)
  const { level, msg, code: reason } = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')
  return { code, level, msg, reason }
}

describe('a server that cannot do its work does not start: FATAL with the coded reason, status 1', () => {
  test.each([
    { of: 'no issuer directory', args: ['-issuer=/nowhere'], reason: 'MOUNTS_DIRECTORY_MISSING' },
    { of: 'files of another scheme', args: ['-identity-scheme=kubernetes.io/tls'], reason: 'MOUNTS_FILE_MISSING' },
    {
      of: 'no API credentials',
      args: ['-service-account-dir=/nowhere'],
      reason: 'TOKEN_REVIEW_CREDENTIALS_UNREADABLE',
    },
  ])('$of: $reason', async ({ args, reason }) => {
    const { msg, ...rest } = await lastWords(args)
    expect(rest).toEqual({ code: 1, level: 'fatal', reason })
    expect(msg).toMatch(new RegExp(`^Failed to initialize identity service: ${reason}: `))
  })

  test('a key of another certificate: CERT_KEY_MISMATCH', async () => {
    await using bad = await createWorld()
    const { key } = await bad.ca.anotherIssuer('identity.other')
    await bad.issuer.update(secret(bad.ca.issuerPem, key.toPkcs8Pem()))
    const { code, stdout } = await run(flagsFor(bad), environmentOf(bad))
    expect(code).toBe(1)
    expect(stdout).toMatch(/"fatal".*"CERT_KEY_MISMATCH".*Failed to initialize identity service: CERT_KEY_MISMATCH: /)
    expect(stdout).not.toContain('Skipping issuer update')
  })

  test('no trust anchors', async () => {
    const { msg, reason } = await lastWords(['-trust-roots=/nowhere'])
    expect(reason).toBe('MOUNTS_DIRECTORY_MISSING')
    expect(msg).toMatch(/^Failed to read trust anchors: MOUNTS_DIRECTORY_MISSING: /)
  })

  test('a trust domain that is none, and a control-plane namespace that is no label', async () => {
    expect((await lastWords(['-identity-trust-domain=Cluster.Local'])).msg).toMatch(/^Invalid trust domain: SPIFFE_ID_/)
    const linkerd = await lastWords(['-profile=linkerd', '-controller-namespace=a.b'])
    expect(linkerd).toMatchObject({ code: 1, reason: 'SPIFFE_ID_LINKERD_CONTROL_NAMESPACE_INVALID' })
  })

  test('outside of a cluster', async () => {
    expect(await lastWords([], {})).toMatchObject({
      code: 1,
      level: 'fatal',
      reason: 'TOKEN_REVIEW_NOT_IN_CLUSTER',
      msg: expect.stringMatching(/^Error configuring Kubernetes API client: /) as unknown,
    })
  })

  test('without the right to create token reviews', async () => {
    await using forbidden = await createWorld()
    forbidden.api.revoke('system:serviceaccount:linkerd:linkerd-identity', 'tokenreviews')
    const { code, stdout } = await run(flagsFor(forbidden), environmentOf(forbidden))
    expect(code).toBe(1)
    expect(stdout).toMatch(/Failed to initialize identity service: TOKEN_REVIEW_FORBIDDEN: /)
  })

  test('when its address is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const address = other.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const { code, msg, reason } = await lastWords([`-addr=127.0.0.1:${port}`])
    other.close()
    expect({ code, reason }).toEqual({ code: 1, reason: 'RPC_UNAVAILABLE' })
    expect(msg).toMatch(new RegExp(`^Failed to listen on 127.0.0.1:${port}: `))
  })
})

describe('a server that has nothing to do', () => {
  test.each([['-identity-scheme='], ['-identity-trust-domain=']])('%s: says so and ends with 0', async (flag) => {
    expect(await lastWords([flag])).toMatchObject({
      code: 0,
      level: 'info',
      msg: 'Identity disabled in control plane configuration.',
    })
  })
})

describe('the admin server', () => {
  test('answers /ping, /live, /ready and /metrics, in which every number begins at 0', async () => {
    await using server = await startServer(world)
    expect(await server.get('/ping')).toEqual({ status: 200, body: 'pong\n' })
    expect(await server.get('/live')).toEqual({ status: 200, body: 'live\n' })
    expect(await server.get('/ready')).toEqual({ status: 200, body: 'ok\n' })
    const { body } = await server.get('/metrics')
    const certify = 'grpc_type="unary",grpc_service="io.linkerd.proxy.identity.Identity",grpc_method="Certify"'
    expect(body).toContain(`grpc_server_started_total{${certify}} 0`)
    expect(body).toContain('identity_certificates_issued_total 0')
    expect(body).toContain('identity_requests_refused_total{code="IDENTITY_MISMATCH"} 0')
    const notAfter = Number(/^issuer_cert_not_after_timestamp_seconds (\d+)$/m.exec(body)?.[1])
    expect(notAfter).toBe(world.ca.issuer.notAfter.getTime() / 1000)
    const ttl = Number(/^issuer_cert_ttl_seconds (\S+)$/m.exec(body)?.[1])
    expect(Math.abs(notAfter - Date.now() / 1000 - ttl)).toBeLessThan(10)
  })

  test('counts what was issued and refused, calls by status, and token reviews by outcome', async () => {
    await using server = await startServer(world)
    const good = await goodRequest(world)
    await server.certify(good)
    const badToken = new TextEncoder().encode('a.b.c')
    const refused = [
      { ...good, token: badToken },
      { ...good, identity: 'spiffe://cluster.local/ns/emojivoto/sa/voting' },
      { ...good, certificateSigningRequest: new Uint8Array(1_000_000) },
    ]
    for (const request of refused) await server.certify(request).catch(() => {})
    const { body } = await server.get('/metrics')
    expect(body).toMatch(/^grpc_server_started_total\{.*\} 4$/m)
    for (const code of ['OK', 'Unauthenticated', 'FailedPrecondition', 'ResourceExhausted']) {
      expect(body).toMatch(new RegExp(`^grpc_server_handled_total\\{.*grpc_code="${code}"\\} 1$`, 'm'))
    }
    expect(body).toContain('identity_certificates_issued_total 1')
    expect(body).toContain('identity_requests_refused_total{code="IDENTITY_TOKEN_REJECTED"} 1')
    expect(body).toContain('identity_requests_refused_total{code="IDENTITY_MISMATCH"} 1')
    expect(body).toContain('identity_token_review_seconds_count{outcome="accepted"} 2')
    expect(body).toContain('identity_token_review_seconds_count{outcome="TOKEN_REVIEW_REJECTED"} 1')
  })

  test('when its address is taken the identity service goes on without it', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const address = other.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const { stdout } = await run(
      [...flagsFor(world), `-admin-addr=127.0.0.1:${port}`, '-issuer=/nowhere'],
      environmentOf(world),
    )
    other.close()
    expect(stdout).toMatch(/"error".*failed to start identity admin server: EADDRINUSE/)
    expect(stdout).toContain('Using k8s client with')
  })
})
