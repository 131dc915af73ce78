import { readFile, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { linkerdProfile } from '@meshid/identity'
import { expect, test } from 'vitest'
import { startProxy } from './proxy-process.ts'
import { createWorld, portOf, trustDomain } from './world.ts'

const TEST_MS = 120_000

test(
  '/ready says what is awaited, since when and when it is tried next, until the first certificate',
  async () => {
    await using world = await createWorld()
    const { env, token } = await world.pod('web')
    await using proxy = startProxy(env)
    expect(await proxy.log.next({ msg: 'Key and CSR', kind: 'created' })).toMatchObject({
      reason: 'no key and no CSR were there',
    })
    await proxy.log.next({ msg: 'Waiting for identity to be initialized...' })
    const failed = await proxy.log.next({ msg: 'Failed to obtain identity', code: 'RPC_UNAVAILABLE' })
    expect(failed).toMatchObject({
      level: 'warning',
      reason: expect.stringMatching(/./),
      next_attempt: expect.any(String),
    })

    const waiting = await proxy.get('/ready')
    expect(waiting.status).toBe(503)
    expect(waiting.body).toMatch(
      /^not ready\nRPC_UNAVAILABLE: waiting for the first certificate: .+, since \d{4}-\d\d-\d\dT[^,]+Z(, next attempt \d{4}-[^,]+Z)?\n$/,
    )
    const json = JSON.parse((await proxy.get('/ready', { accept: 'application/json' })).body)
    expect(json).toMatchObject({ ready: false, notes: [{ code: 'RPC_UNAVAILABLE', since: expect.any(String) }] })
    expect((await proxy.get('/live')).status).toBe(200)

    await world.startService()
    const certified = await proxy.log.next({ msg: 'Certified identity' })
    expect(certified).toMatchObject({
      level: 'info',
      id: 'spiffe://cluster.local/ns/emojivoto/sa/web',
      issuer: 'identity.linkerd.cluster.local',
      serial: expect.stringMatching(/^[0-9a-f]+$/),
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
      not_before: expect.any(String),
      not_after: expect.any(String),
    })
    expect(certified['attempt']).toBeGreaterThan(1)
    expect(await proxy.get('/ready')).toEqual({ status: 200, body: 'ok\n' })

    const { body: metrics } = await proxy.get('/metrics')
    expect(metrics).toContain('control_identity_cert_refreshes_total{result="ok"} 1')
    expect(metrics).toMatch(/control_identity_cert_refreshes_total\{result="error"\} [1-9]/)
    expect(metrics).toMatch(/meshid_proxy_certify_failures_total\{reason="RPC_UNAVAILABLE"\} [1-9]/)
    const notAfter = Date.parse(String(certified['not_after'])) / 1000
    expect(metrics).toContain(`control_identity_cert_expiration_timestamp_seconds ${notAfter}`)
    const everything = JSON.stringify(proxy.log.lines) + metrics + waiting.body
    expect(everything).not.toContain(token)
    expect(everything).not.toContain('PRIVATE KEY')
  },
  TEST_MS,
)

test(
  'a stop signal before the first certificate ends it at once, with 0',
  async () => {
    await using world = await createWorld()
    await using proxy = startProxy((await world.pod('web')).env)
    await proxy.log.next({ msg: 'Failed to obtain identity' })
    proxy.kill('SIGTERM')
    const began = performance.now()
    expect(await proxy.ended).toBe(0)
    expect(performance.now() - began).toBeLessThan(3000)
    expect(proxy.log.lines.at(-1)).toMatchObject({ level: 'info', msg: 'shutting down on SIGTERM' })
  },
  TEST_MS,
)

test(
  'killed and started again, it takes its key and CSR from the directory',
  async () => {
    await using world = await createWorld()
    await world.startService()
    const { directory, env } = await world.pod('web')
    const files = async () => [
      await readFile(`${directory}/key.p8`, 'utf8'),
      await readFile(`${directory}/csr.der`, 'hex'),
    ]
    await using first = startProxy(env)
    const { serial } = await first.log.next({ msg: 'Certified identity' })
    const before = await files()
    expect(before[0]).toContain('BEGIN PRIVATE KEY')
    expect((await stat(`${directory}/key.p8`)).mode & 0o777).toBe(0o600)
    first.kill('SIGKILL')
    expect(await first.ended).toBe('SIGKILL')

    await using second = startProxy(env)
    await second.log.next({ msg: 'Key and CSR', kind: 'found' })
    const again = await second.log.next({ msg: 'Certified identity' })
    expect(again['serial']).not.toBe(serial)
    expect(await files()).toEqual(before)
    second.kill('SIGKILL')
    await second.ended

    await rm(`${directory}/csr.der`)
    await using third = startProxy(env)
    expect(await third.log.next({ msg: 'Key and CSR', kind: 'created' })).toMatchObject({ reason: 'no CSR was there' })
    await third.log.next({ msg: 'Certified identity' })
    expect((await files())[0]).not.toBe(before[0])
  },
  TEST_MS,
)

test(
  "with a DNS name it certifies itself as Linkerd's proxy does, with the key as DER",
  async () => {
    const mesh = { controlNamespace: 'linkerd', trustDomain }
    await using world = await createWorld(linkerdProfile(mesh))
    await world.startService()
    const name = 'web.emojivoto.serviceaccount.identity.linkerd.cluster.local'
    const { directory, env } = await world.pod('web', name)
    await using proxy = startProxy({ ...env, MESHID_PROFILE: 'linkerd' })
    expect(await proxy.log.next({ msg: 'Certified identity' })).toMatchObject({ id: name, attempt: 1 })
    expect((await readFile(`${directory}/key.p8`))[0]).toBe(0x30)
    expect((await proxy.get('/ready')).status).toBe(200)
    proxy.kill('SIGINT')
    expect(await proxy.ended).toBe(0)
  },
  TEST_MS,
)

test(
  'a name that is not the own account is refused, and tried again',
  async () => {
    await using world = await createWorld()
    await world.startService()
    const { env } = await world.pod('web', 'spiffe://cluster.local/ns/emojivoto/sa/admin')
    await using proxy = startProxy(env)
    const failed = await proxy.log.next({ msg: 'Failed to obtain identity' })
    expect(failed).toMatchObject({
      code: 'RPC_FAILED_PRECONDITION',
      reason: expect.stringContaining('found spiffe://cluster.local/ns/emojivoto/sa/admin'),
    })
    expect((await proxy.get('/ready')).status).toBe(503)
  },
  TEST_MS,
)

test(
  'what keeps it from starting is named, and it ends with 1',
  async () => {
    await using world = await createWorld()
    const { directory, env } = await world.pod('web')
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const failures = [
      [
        { LINKERD2_PROXY_IDENTITY_DIR: '', MESHID_REKEY: 'often' },
        'INVALID_ENVIRONMENT',
        'LINKERD2_PROXY_IDENTITY_DIR must be set.; MESHID_REKEY: expected never, every-renewal, or how many',
      ],
      [
        { LINKERD2_PROXY_IDENTITY_TOKEN_FILE: '/dev/null' },
        'INVALID_ENVIRONMENT',
        'Could not read LINKERD2_PROXY_IDENTITY_TOKEN_FILE: token is empty',
      ],
      [
        { LINKERD2_PROXY_IDENTITY_DIR: `${directory}/x` },
        'WORKLOAD_DIRECTORY_MISSING',
        'expected a directory, found nothing',
      ],
      [{ LINKERD2_PROXY_ADMIN_LISTEN_ADDR: `127.0.0.1:${portOf(taken)}` }, 'EADDRINUSE', 'address already in use'],
    ] as const
    for (const [changed, code, reason] of failures) {
      await using proxy = startProxy({ ...env, ...changed })
      expect(await proxy.ended).toBe(1)
      const last = proxy.log.lines.at(-1)
      expect(last).toMatchObject({ level: 'fatal', code, msg: expect.stringContaining(reason) })
    }
    taken.close()
  },
  TEST_MS,
)
