import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import type { Server as HttpServer } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { createServer, type TLSSocket } from 'node:tls'
import { encodeCertificatePem, parseCertificate, type WorkloadIdentity } from '@meshid/certificate'
import { dualProfile } from '@meshid/identity'
import { spiffeIdOfLinkerdName } from '@meshid/spiffe-id'
import { openssl } from '@meshid/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ProxyProcess, startProxy } from './proxy-process.ts'
import {
  createWorld,
  get,
  idOf,
  inboundTo,
  linkerdNameOf,
  outboundTo,
  portOf,
  startApp,
  trustDomain,
  type World,
} from './world.ts'

const TEST_MS = 120_000
const web = linkerdNameOf('web')
const voting = linkerdNameOf('voting')

/** A mesh that moves from Linkerd's names to SPIFFE IDs: its leaves have both, its proxies go by one. */
let world: World
let app: HttpServer
let votingProxy: ProxyProcess
let webProxy: ProxyProcess

beforeAll(async () => {
  world = await createWorld(dualProfile({ controlNamespace: 'linkerd', trustDomain }))
  await world.startService()
  app = await startApp((_request, response) => response.end('voted'))
  const votingEnv = (await world.pod('voting', String(voting))).env
  votingProxy = startProxy({
    ...votingEnv,
    ...inboundTo(portOf(app), '*.emojivoto.serviceaccount.identity.linkerd.cluster.local'),
    LINKERD2_PROXY_IDENTITY_LOCAL_NAME: '',
    LINKERD2_PROXY_IDENTITY_SERVER_ID: String(voting),
    LINKERD2_PROXY_IDENTITY_SERVER_NAME: String(voting),
  })
  const webEnv = (await world.pod('web', String(web))).env
  webProxy = startProxy({ ...webEnv, ...outboundTo(await votingProxy.port('inbound'), String(voting)) })
  await webProxy.port('outbound')
}, TEST_MS)

afterAll(async () => {
  await webProxy[Symbol.asyncDispose]()
  await votingProxy[Symbol.asyncDispose]()
  app.close()
  await world[Symbol.asyncDispose]()
})

/** Writes a leaf of the mesh's CA for openssl. */
async function opensslIdentity(identity: WorkloadIdentity): Promise<readonly string[]> {
  const { leaf, intermediates, privateKey } = await world.ca.issue(identity, { now: new Date() })
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
  return ['-cert', cert, '-cert_chain', cert, '-key', key, '-CAfile', ca]
}

/** What linkerd2-proxy offers (section 17): TLS 1.3, its suites, its groups, and P-256 with SHA-256 among the signatures. */
const asLinkerd = [
  '-tls1_3 -ciphersuites TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256',
  '-groups X25519:P-256:P-384 -sigalgs ECDSA+SHA256:ECDSA+SHA384:ed25519:RSA+SHA256',
].flatMap((options) => options.split(' '))

/** As a client of linkerd2-proxy's kind would come; the request goes in, the answer comes out. */
async function opensslClient(identity: WorkloadIdentity, asked: readonly string[]) {
  const files = await opensslIdentity(identity)
  const target = ['-connect', `127.0.0.1:${await votingProxy.port('inbound')}`, ...asked]
  const input = 'GET / HTTP/1.1\r\nhost: app\r\nconnection: close\r\n\r\n'
  return openssl(['s_client', ...target, ...files, ...asLinkerd, '-verify_return_error', '-ign_eof'], { input })
}

describe('two proxies of profile linkerd', () => {
  test(
    'reach each other by mTLS, each names the other by its DNS identity',
    async () => {
      expect(await get(await webProxy.port('outbound'))).toBe('voted')
      expect(await webProxy.log.next({ msg: 'Peer verified' })).toMatchObject({
        direction: 'outbound',
        peer_id: String(voting),
      })
      expect(await votingProxy.log.next({ msg: 'Peer verified' })).toMatchObject({ peer_id: String(web) })
    },
    TEST_MS,
  )

  test(
    'who expects another name refuses the server before a byte is sent',
    async () => {
      const { env } = await world.pod('web', String(web))
      const peer = outboundTo(await votingProxy.port('inbound'), String(linkerdNameOf('emoji')))
      await using proxy = startProxy({ ...env, ...peer })
      await expect(get(await proxy.port('outbound'))).rejects.toMatchObject({ code: 'ECONNRESET' })
      expect(await proxy.log.next({ msg: 'Peer refused', direction: 'outbound' })).toMatchObject({
        code: 'WORKLOAD_PEER_NOT_AUTHORIZED',
        reason: expect.stringContaining(`found ${String(voting)}`),
      })
    },
    TEST_MS,
  )

  test(
    'a proxy of profile spiffe on either side: a leaf with both names is read by the one that each goes by',
    async () => {
      const { env } = await world.pod('emoji')
      await using spiffe = startProxy({
        ...env,
        ...inboundTo(portOf(app), 'spiffe://cluster.local'),
        ...outboundTo(await votingProxy.port('inbound'), idOf('voting')),
        MESHID_OUTBOUND_PEER_SERVER_NAME: String(voting),
      })
      expect(await get(await spiffe.port('outbound'))).toBe('voted')
      expect(await spiffe.log.next({ msg: 'Peer verified', direction: 'outbound' })).toMatchObject({
        peer_id: idOf('voting'),
      })

      const linkerdEnv = (await world.pod('web', String(web))).env
      const peer = outboundTo(await spiffe.port('inbound'), String(linkerdNameOf('emoji')))
      await using linkerd = startProxy({ ...linkerdEnv, ...peer })
      expect(await get(await linkerd.port('outbound'))).toBe('voted')
      expect(await spiffe.log.next({ msg: 'Peer verified', direction: 'inbound' })).toMatchObject({
        peer_id: String(spiffeIdOfLinkerdName(web)),
      })
    },
    TEST_MS,
  )
})

describe("a client with linkerd2-proxy's offer (section 17)", () => {
  test.each<[what: string, identity: WorkloadIdentity]>([
    ['one DNS name', { dnsName: web }],
    ['the DNS name and the SPIFFE ID of the same account', { dnsName: web, spiffeId: spiffeIdOfLinkerdName(web) }],
  ])(
    'is let in with %s',
    async (_what, identity) => {
      const { code, stdout } = await opensslClient(identity, ['-servername', String(voting)])
      expect(code).toBe(0)
      expect(String(stdout)).toContain('voted')
      expect(String(stdout)).toContain('Peer signature type: ECDSA')
      expect(String(stdout)).toMatch(/TLSv1\.3/)
    },
    TEST_MS,
  )

  test.each<[what: string, identity: WorkloadIdentity, asked: readonly string[], code: string]>([
    ['asks for nobody', { dnsName: web }, ['-noservername'], 'WORKLOAD_PEER_WRONG_SERVER_NAME'],
    ['asks for another', { dnsName: web }, ['-servername', String(web)], 'WORKLOAD_PEER_WRONG_SERVER_NAME'],
    [
      'has two names that contradict each other',
      { dnsName: web, spiffeId: spiffeIdOfLinkerdName(voting) },
      ['-servername', String(voting)],
      'WORKLOAD_PEER_NAMES_INVALID',
    ],
    [
      'has a SPIFFE ID only',
      { spiffeId: spiffeIdOfLinkerdName(web) },
      ['-servername', String(voting)],
      'WORKLOAD_PEER_NAMES_INVALID',
    ],
    [
      'is of a namespace that is not allowed',
      { dnsName: linkerdNameOf('web', 'default') },
      ['-servername', String(voting)],
      'WORKLOAD_PEER_NOT_AUTHORIZED',
    ],
  ])(
    'that %s is refused',
    async (_what, identity, asked, code) => {
      const from = votingProxy.log.lines.length
      const { stdout } = await opensslClient(identity, asked)
      expect(String(stdout)).not.toContain('voted')
      expect(await votingProxy.log.next({ msg: 'Peer refused' }, { from })).toMatchObject({ code })
    },
    TEST_MS,
  )

  test(
    'finds such a server too: our client asks by SNI without ALPN, agrees on P-256 and signs with it',
    async () => {
      const { leaf, intermediates, privateKey } = await world.ca.issue({ dnsName: voting }, { now: new Date() })
      const chain = [leaf, ...intermediates].map((der) => encodeCertificatePem(parseCertificate(der)))
      const server = createServer({
        cert: chain.join(''),
        key: privateKey.toPkcs8Pem(),
        ca: world.ca.rootPem,
        minVersion: 'TLSv1.3',
        ciphers: 'TLS_AES_128_GCM_SHA256',
        ecdhCurve: 'P-256',
        sigalgs: 'ECDSA+SHA256',
        requestCert: true,
        rejectUnauthorized: true,
      })
      const visits: unknown[] = []
      server.on('secureConnection', (socket: TLSSocket & { readonly servername?: unknown }) => {
        visits.push([socket.servername, socket.alpnProtocol, socket.getCipher().standardName, socket.authorized])
        socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nvoted'))
      })
      await once(server.listen(0, '127.0.0.1'), 'listening')
      const { env } = await world.pod('web', String(web))
      await using proxy = startProxy({ ...env, ...outboundTo(portOf(server), String(voting)) })
      expect(await get(await proxy.port('outbound'))).toBe('voted')
      expect(await proxy.log.next({ msg: 'Peer verified' })).toMatchObject({ peer_id: String(voting) })
      expect(visits).toEqual([[String(voting), false, 'TLS_AES_128_GCM_SHA256', true]])
      server.close()
    },
    TEST_MS,
  )
})

test(
  'who speaks no TLS is refused: there is no plaintext beside it',
  async () => {
    const from = votingProxy.log.lines.length
    const socket = connect({ port: await votingProxy.port('inbound'), host: '127.0.0.1' })
    socket.on('error', () => {})
    socket.end('GET / HTTP/1.1\r\n\r\n')
    await once(socket.resume(), 'close')
    expect(await votingProxy.log.next({ msg: 'Peer refused' }, { from })).toMatchObject({
      code: 'WORKLOAD_PEER_HANDSHAKE_FAILED',
    })
  },
  TEST_MS,
)
