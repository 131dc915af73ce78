import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { dualProfile, linkerdProfile } from '@meshid/identity'
import { parseSpiffeId } from '@meshid/spiffe-id'
import { createTestCa } from '@meshid/testkit'
import { expect, test } from 'vitest'
import { startProxy } from './proxy-process.ts'
import { openTlsDoor } from './tls-door.ts'
import { createWorld, idOf, linkerdNameOf, portOf, trustDomain } from './world.ts'

const TEST_MS = 120_000
const mesh = { controlNamespace: 'linkerd', trustDomain }
const identityName = linkerdNameOf('linkerd-identity', 'linkerd')
const identityId = parseSpiffeId('spiffe://cluster.local/ns/linkerd/sa/linkerd-identity')

/** An address that is not one of loopback by its form, and leads there. */
const serviceAt = (port: number, name: string) => ({
  LINKERD2_PROXY_IDENTITY_SVC_ADDR: `localhost:${port}`,
  LINKERD2_PROXY_IDENTITY_SVC_NAME: name,
})

test(
  'TLS to the identity service: 1.3, SNI, no ALPN, h2 at once; no certificate at first, the own one at the renewal',
  async () => {
    await using world = await createWorld(linkerdProfile(mesh))
    await world.startService()
    await using door = await openTlsDoor(world.ca, { dnsName: identityName }, world.identityPort)
    const { env } = await world.pod('web', String(linkerdNameOf('web')))
    const refresh = { LINKERD2_PROXY_IDENTITY_MIN_REFRESH: '500ms', LINKERD2_PROXY_IDENTITY_MAX_REFRESH: '500ms' }
    await using proxy = startProxy({ ...env, ...refresh, ...serviceAt(door.port, String(identityName)) })
    const first = await proxy.log.next({ msg: 'Certified identity' })
    expect(first).toMatchObject({ id: String(linkerdNameOf('web')), attempt: 1 })
    await proxy.log.next({ msg: 'Certified identity' }, { from: proxy.log.lines.indexOf(first) + 1 })
    const [before, after] = door.visits
    expect(before).toEqual({
      serverName: String(identityName),
      alpn: false,
      protocol: 'TLSv1.3',
      clientNotAfter: undefined,
    })
    expect(after?.clientNotAfter).toEqual(new Date(String(first['not_after'])))
  },
  TEST_MS,
)

test(
  'an identity service may be known by its SPIFFE ID, also when its leaf has both names',
  async () => {
    await using world = await createWorld(dualProfile(mesh))
    await world.startService()
    await using door = await openTlsDoor(world.ca, { dnsName: identityName, spiffeId: identityId }, world.identityPort)
    const { env } = await world.pod('web')
    for (const name of [String(identityId), String(identityName)]) {
      await using proxy = startProxy({ ...env, ...serviceAt(door.port, name) })
      expect(await proxy.log.next({ msg: 'Certified identity' })).toMatchObject({ id: idOf('web'), attempt: 1 })
    }
    expect(door.visits.map(({ serverName }) => serverName)).toEqual([false, String(identityName)])
  },
  TEST_MS,
)

test(
  'a server that is somebody else, or of another CA, gets no token; the reason is told and counted (Q34)',
  async () => {
    await using world = await createWorld()
    await world.startService()
    const foreign = await createTestCa({ now: new Date() })
    await using other = await openTlsDoor(world.ca, { dnsName: linkerdNameOf('voting') }, world.identityPort)
    await using stranger = await openTlsDoor(foreign, { dnsName: identityName }, world.identityPort)
    const { env } = await world.pod('web')
    for (const [door, code, reason] of [
      [other, 'WORKLOAD_PEER_NOT_AUTHORIZED', String(linkerdNameOf('voting'))],
      [stranger, 'WORKLOAD_PEER_UNTRUSTED', 'CERT_UNKNOWN_ISSUER'],
    ] as const) {
      await using proxy = startProxy({ ...env, ...serviceAt(door.port, String(identityName)) })
      const failed = await proxy.log.next({ msg: 'Failed to obtain identity' })
      expect(failed).toMatchObject({ code, reason: expect.stringContaining(reason) })
      const { body } = await proxy.get('/metrics')
      expect(body).toMatch(new RegExp(`meshid_proxy_certify_failures_total\\{reason="${code}"\\} [1-9]`))
      expect(body).toMatch(/control_identity_cert_refreshes_total\{result="error"\} [1-9]/)
    }
  },
  TEST_MS,
)

test(
  'an expired certificate is never shown, so an expired proxy recovers by itself (Q36, linkerd2 issue 13136)',
  async () => {
    await using world = await createWorld(linkerdProfile(mesh), { lifetimeMs: 4000 })
    await world.startService()
    await using door = await openTlsDoor(world.ca, { dnsName: identityName }, world.identityPort)
    const { env } = await world.pod('web', String(linkerdNameOf('web')))
    await using proxy = startProxy({
      ...env,
      ...serviceAt(door.port, String(identityName)),
      LINKERD2_PROXY_IDENTITY_MIN_REFRESH: '1s',
    })
    await proxy.log.next({ msg: 'Certified identity' })
    world.stopService()
    const expired = await proxy.log.next({ msg: 'Identity certificate has expired' })
    expect((await proxy.get('/ready')).status).toBe(503)
    const visitsBefore = door.visits.length
    await world.startService()
    await proxy.log.next({ msg: 'Certified identity' }, { from: proxy.log.lines.indexOf(expired) })
    expect((await proxy.get('/ready')).status).toBe(200)
    const shown = door.visits.slice(visitsBefore)
    expect(shown.length).toBeGreaterThan(0)
    expect(shown[0]?.clientNotAfter).toBeUndefined()
  },
  TEST_MS,
)

test(
  'a server that accepts and says nothing holds up one attempt, not the loop (Q37)',
  async () => {
    const held: Socket[] = []
    const silent: Server = createServer((socket) => held.push(socket.on('error', () => {})))
    await once(silent.listen(0), 'listening')
    await using world = await createWorld()
    const { env } = await world.pod('web')
    await using proxy = startProxy({ ...env, ...serviceAt(portOf(silent), String(identityName)) })
    expect(await proxy.log.next({ msg: 'Failed to obtain identity' })).toMatchObject({
      code: 'WORKLOAD_PEER_HANDSHAKE_FAILED',
      reason: expect.stringContaining('TimeoutError'),
    })
    silent.close()
    for (const socket of held) socket.destroy()
  },
  TEST_MS,
)
