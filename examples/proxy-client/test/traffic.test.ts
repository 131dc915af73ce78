import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import type { Server as HttpServer, ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { encodeCertificatePem, parseCertificate } from '@meshid/certificate'
import { parseSpiffeId } from '@meshid/spiffe-id'
import { openssl } from '@meshid/testkit'
import {
  connectMtls,
  createCredentialStore,
  parseWorkloadName,
  trustBundlesOf,
  verifyCredential,
} from '@meshid/workload'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ProxyProcess, startProxy } from './proxy-process.ts'
import {
  createWorld,
  freePort,
  get,
  idOf,
  inboundTo,
  outboundTo,
  portOf,
  startApp,
  trustDomain,
  type World,
} from './world.ts'

const TEST_MS = 120_000

/** web's proxy → voting's proxy → app, each proxy a process of its own; certificates are renewed every half second. */
let world: World
let app: HttpServer
let voting: ProxyProcess
let web: ProxyProcess

const refresh = { LINKERD2_PROXY_IDENTITY_MIN_REFRESH: '500ms', LINKERD2_PROXY_IDENTITY_MAX_REFRESH: '500ms' }

async function startVoting(appPort: number, env: Readonly<Record<string, string>> = {}): Promise<ProxyProcess> {
  return startProxy({ ...(await world.pod('voting')).env, ...inboundTo(appPort, idOf('web')), ...env })
}

async function startWeb(peerPort: number, env: Readonly<Record<string, string>> = {}): Promise<ProxyProcess> {
  return startProxy({ ...(await world.pod('web')).env, ...outboundTo(peerPort, idOf('voting')), ...env })
}

/** Sends a request that the app does not answer yet. */
async function hold(port: number): Promise<{ answer: Promise<string>; response: ServerResponse }> {
  const asked = once(app, 'held')
  const answer = get(port, '/held')
  answer.catch(() => {}) // Whoever waits for it hears of it.
  const [response] = (await asked) as [ServerResponse]
  return { answer, response }
}

beforeAll(async () => {
  world = await createWorld()
  await world.startService()
  app = await startApp((request, response) => {
    if (request.url === '/held') app.emit('held', response)
    else response.end(`voted ${request.url}`)
  })
  voting = await startVoting(portOf(app), refresh)
  web = await startWeb(await voting.port('inbound'), refresh)
  await web.port('outbound')
}, TEST_MS)

afterAll(async () => {
  await web[Symbol.asyncDispose]()
  await voting[Symbol.asyncDispose]()
  app.close()
  await world[Symbol.asyncDispose]()
})

describe('traffic', () => {
  test(
    'HTTP goes through both proxies, and each names the other from its certificate',
    async () => {
      expect(await get(await web.port('outbound'), '/donut')).toBe('voted /donut')
      expect(await web.log.next({ msg: 'Peer verified', direction: 'outbound' })).toMatchObject({
        level: 'info',
        peer_id: idOf('voting'),
        peer_issuer: 'identity.linkerd.cluster.local',
        peer_not_after: expect.any(String),
      })
      expect(await voting.log.next({ msg: 'Peer verified', direction: 'inbound' })).toMatchObject({
        peer_id: idOf('web'),
      })
      expect((await voting.get('/metrics')).body).toMatch(
        /meshid_proxy_connections_total\{direction="inbound",result="accepted"\} [1-9]/,
      )
    },
    TEST_MS,
  )

  test(
    'certificates are renewed under it: no request fails, and peers see new ones',
    async () => {
      const port = await web.port('outbound')
      const seen = (): number =>
        voting.log.lines.filter(({ msg, level }) => msg === 'Peer verified' && level === 'info').length
      const before = seen()
      let requests = 0
      while (seen() < before + 3) {
        expect(await get(port, `/${requests}`)).toBe(`voted /${requests}`)
        requests += 1
      }
      expect(requests).toBeGreaterThan(3)
      const serials = web.log.lines.filter(({ msg }) => msg === 'Certified identity').map(({ serial }) => serial)
      expect(new Set(serials).size).toBe(serials.length)
      expect(serials.length).toBeGreaterThan(3)
    },
    TEST_MS,
  )

  test(
    'a request that is open while certificates are renewed lives on',
    async () => {
      const port = await web.port('outbound')
      const { answer, response } = await hold(port)
      const from = voting.log.lines.length
      await voting.log.next({ msg: 'Certified identity' }, { from })
      response.end('at last')
      expect(await answer).toBe('at last')
    },
    TEST_MS,
  )

  test(
    'while the identity service is dead, traffic goes on; when it is back, so are renewals',
    async () => {
      const port = await web.port('outbound')
      world.stopService()
      const from = web.log.lines.length
      const failed = await web.log.next({ msg: 'Failed to obtain identity' }, { from })
      expect(failed).toMatchObject({ code: 'RPC_UNAVAILABLE' })
      for (const path of ['/1', '/2', '/3']) expect(await get(port, path)).toBe(`voted ${path}`)
      const ready = await web.get('/ready')
      expect(ready.status).toBe(200)
      expect(ready.body).toContain('RPC_UNAVAILABLE: the certificate in use is valid, but its renewal fails')

      await world.startService()
      const since = web.log.lines.length
      await web.log.next({ msg: 'Certified identity' }, { from: since })
      expect(await get(port, '/4')).toBe('voted /4')
      expect(await web.get('/ready')).toEqual({ status: 200, body: 'ok\n' })
    },
    TEST_MS,
  )

  test(
    'openssl s_client completes mTLS against the inbound port with a certificate of the same CA',
    async () => {
      const { leaf, intermediates, privateKey } = await world.ca.issue(
        { spiffeId: parseSpiffeId(idOf('web')) },
        { now: new Date() },
      )
      const { directory } = await world.pod('openssl')
      const [cert, key, ca] = ['cert', 'key', 'ca'].map((name) => join(directory, `${name}.pem`)) as [
        string,
        string,
        string,
      ]
      const chain = [leaf, ...intermediates].map((der) => encodeCertificatePem(parseCertificate(der)))
      await writeFile(cert, chain.join(''))
      await writeFile(key, privateKey.toPkcs8Pem())
      await writeFile(ca, world.ca.rootPem)
      const identity = ['-cert', cert, '-cert_chain', cert, '-key', key]
      const checks = ['-CAfile', ca, '-verify_return_error', '-x509_strict', '-ign_eof']
      const target = ['-connect', `127.0.0.1:${await voting.port('inbound')}`]
      const input = 'GET /openssl HTTP/1.1\r\nhost: app\r\nconnection: close\r\n\r\n'
      const { code, stdout } = await openssl(['s_client', ...target, ...identity, ...checks], { input })
      expect(code).toBe(0)
      expect(String(stdout)).toContain('Verify return code: 0 (ok)')
      expect(String(stdout)).toContain('voted /openssl')
    },
    TEST_MS,
  )
})

describe('refusals', () => {
  test(
    'a peer that is not allowed is refused and logged with its code, and nobody else is disturbed',
    async () => {
      const now = new Date()
      const name = parseWorkloadName(idOf('web-evil'))
      const { privateKey, ...answer } = await world.ca.issue({ spiffeId: parseSpiffeId(idOf('web-evil')) }, { now })
      const { trustAnchors } = world.ca
      const { source, publish } = createCredentialStore()
      publish(verifyCredential(answer, { name, privateKey, trustAnchors, now }))
      const bundles = trustBundlesOf(trustDomain, trustAnchors)
      const trust = { bundles, authorize: () => undefined, now: () => new Date() }
      const from = voting.log.lines.length
      const { socket } = await connectMtls({ host: '127.0.0.1', port: await voting.port('inbound'), source, trust })
      socket.write('GET / HTTP/1.1\r\n\r\n')
      expect(await once(socket, 'error')).toMatchObject([{ code: 'ECONNRESET' }])
      const refused = await voting.log.next({ msg: 'Peer refused' }, { from })
      expect(refused).toMatchObject({
        level: 'warning',
        direction: 'inbound',
        code: 'WORKLOAD_PEER_NOT_AUTHORIZED',
        reason: expect.stringContaining(idOf('web-evil')),
      })
      expect(await get(await web.port('outbound'))).toBe('voted /')
    },
    TEST_MS,
  )

  test(
    'whoever does not speak TLS is refused and logged',
    async () => {
      const from = voting.log.lines.length
      const socket = connect({ port: await voting.port('inbound'), host: '127.0.0.1' })
      socket.on('error', () => {})
      socket.end('GET / HTTP/1.1\r\n\r\n')
      await once(socket.resume(), 'close')
      const refused = await voting.log.next({ msg: 'Peer refused' }, { from })
      expect(refused).toMatchObject({ code: 'WORKLOAD_PEER_HANDSHAKE_FAILED' })
    },
    TEST_MS,
  )

  test(
    'an outbound peer that is somebody else is refused before a byte is sent',
    async () => {
      const peerPort = await voting.port('inbound')
      await using proxy = startProxy({ ...(await world.pod('web')).env, ...outboundTo(peerPort, idOf('emoji')) })
      await expect(get(await proxy.port('outbound'))).rejects.toMatchObject({ code: 'ECONNRESET' })
      expect(await proxy.log.next({ msg: 'Peer refused', direction: 'outbound' })).toMatchObject({
        code: 'WORKLOAD_PEER_NOT_AUTHORIZED',
        reason: expect.stringContaining(idOf('emoji')),
      })
    },
    TEST_MS,
  )

  test(
    'an outbound peer that is not there gives a clean error',
    async () => {
      await using proxy = await startWeb(await freePort())
      await expect(get(await proxy.port('outbound'))).rejects.toMatchObject({ code: 'ECONNRESET' })
      expect(await proxy.log.next({ msg: 'Peer refused' })).toMatchObject({ code: 'WORKLOAD_PEER_UNREACHABLE' })
    },
    TEST_MS,
  )

  test(
    'an app that is down gives a clean error, and its address in the log',
    async () => {
      const appPort = await freePort()
      await using proxy = await startVoting(appPort)
      await using client = await startWeb(await proxy.port('inbound'))
      await expect(get(await client.port('outbound'))).rejects.toMatchObject({ code: 'ECONNRESET' })
      expect(await proxy.log.next({ msg: 'App unreachable' })).toMatchObject({
        level: 'warning',
        app: `127.0.0.1:${appPort}`,
        code: 'ECONNREFUSED',
      })
    },
    TEST_MS,
  )
})

describe('a proxy that is killed', () => {
  test(
    'breaks its connections, and is found again when it is back',
    async () => {
      const inboundPort = await freePort()
      const { env } = await world.pod('voting')
      const variables = {
        ...env,
        ...inboundTo(portOf(app), idOf('web')),
        LINKERD2_PROXY_INBOUND_LISTEN_ADDR: `127.0.0.1:${inboundPort}`,
      }
      await using first = startProxy(variables)
      await first.port('inbound')
      await using client = await startWeb(inboundPort)
      const outboundPort = await client.port('outbound')
      const { answer, response } = await hold(outboundPort)
      first.kill('SIGKILL')
      await expect(answer).rejects.toMatchObject({ code: 'ECONNRESET' })
      response.destroy()
      await first.ended
      await expect(get(outboundPort)).rejects.toMatchObject({ code: 'ECONNRESET' })

      await using second = startProxy(variables)
      await second.port('inbound')
      expect(second.log.lines).toContainEqual(expect.objectContaining({ msg: 'Key and CSR', kind: 'found' }))
      expect(await get(outboundPort, '/again')).toBe('voted /again')
    },
    TEST_MS,
  )
})

describe('a stop signal', () => {
  test(
    'both proxies let an open request finish, take no new one, and end with 0',
    async () => {
      await using inbound = await startVoting(portOf(app))
      await using outbound = await startWeb(await inbound.port('inbound'))
      const [inboundPort, outboundPort] = [await inbound.port('inbound'), await outbound.port('outbound')]
      const { answer, response } = await hold(outboundPort)
      inbound.kill('SIGTERM')
      outbound.kill('SIGTERM')
      await inbound.log.next({ msg: 'shutting down on SIGTERM' })
      await outbound.log.next({ msg: 'shutting down on SIGTERM' })
      expect(await inbound.get('/ready')).toEqual({ status: 503, body: 'not ready\nshutting down\n' })
      await expect(get(outboundPort)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
      await expect(get(inboundPort)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
      response.end('at last')
      expect(await answer).toBe('at last')
      expect(await Promise.all([inbound.ended, outbound.ended])).toEqual([0, 0])
    },
    TEST_MS,
  )

  test(
    'a connection that does not end is broken off after 5 s',
    async () => {
      await using inbound = await startVoting(portOf(app))
      await using outbound = await startWeb(await inbound.port('inbound'))
      const { answer, response } = await hold(await outbound.port('outbound'))
      outbound.kill('SIGTERM')
      await expect(answer).rejects.toMatchObject({ code: 'ECONNRESET' })
      expect(await outbound.ended).toBe(0)
      response.destroy()
    },
    TEST_MS,
  )
})
