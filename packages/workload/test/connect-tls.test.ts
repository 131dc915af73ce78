import { once } from 'node:events'
import { connect, createServer as createTcpServer, type Socket } from 'node:net'
import { createServer, type Server, type TLSSocket } from 'node:tls'
import type { WorkloadIdentity } from '@meshid/certificate'
import { createTestCa, type TestCa } from '@meshid/testkit'
import { connectTls, parseWorkloadName, type TlsClientOptions } from '@meshid/workload'
import { describe, expect, onTestFinished, test } from 'vitest'
import { linkerdCredential } from './linkerd-rig.ts'
import { listening, portOf, sourceOf } from './mtls-rig.ts'
import { createQueue } from './queue.ts'
import { refusalOf } from './refusal.ts'
import { credentialOf, hourMs, now, oddLeaf, rawIdentity, type RawIdentity, web, webDnsName } from './world.ts'

const ca = await createTestCa({ now: new Date(now.getTime() - 3 * hourMs) })
const foreign = await createTestCa({ now })
const dnsName = parseWorkloadName(webDnsName.toString())
const spiffeName = parseWorkloadName(web.toString())

/** What a server saw of a client. */
interface Visit {
  readonly serverName: unknown
  readonly alpn: unknown
  readonly shown: string | undefined
}

async function startServer({ cert, key }: RawIdentity) {
  const visits = createQueue<Visit>()
  const sockets: Socket[] = []
  const options = { cert, key, requestCert: true, rejectUnauthorized: false, ALPNProtocols: ['h2'] }
  const server: Server = createServer(options, (socket: TLSSocket & { readonly servername?: unknown }) => {
    sockets.push(socket.on('error', () => {}))
    const shown = socket.getPeerX509Certificate()?.serialNumber.toLowerCase()
    visits.push({ serverName: socket.servername, alpn: socket.alpnProtocol, shown })
    socket.end('hello')
  })
  await listening(server)
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { visits, port: portOf(server) }
}

const serverOf = async (identity: WorkloadIdentity, from: TestCa = ca) => startServer(await rawIdentity(from, identity))

const dial = (port: number, changed: Partial<TlsClientOptions> = {}): Promise<TLSSocket> => {
  const options = { serverName: dnsName, trustAnchors: ca.trustAnchors, now: () => now, ...changed }
  return connectTls(connect({ host: '127.0.0.1', port }), options)
}

describe('a server that is whom we expect', () => {
  test('is asked for its DNS name by TLS 1.3 without ALPN, and shown nothing', async () => {
    const { port, visits } = await serverOf({ dnsName: webDnsName })
    const socket = await dial(port)
    expect(String((await once(socket, 'data'))[0])).toBe('hello')
    expect(socket.getProtocol()).toBe('TLSv1.3')
    expect(await visits.next()).toEqual({ serverName: String(webDnsName), alpn: false, shown: undefined })
    socket.destroy()
  })

  test('may have a SPIFFE ID, which no SNI can ask for', async () => {
    const { port, visits } = await serverOf({ spiffeId: web })
    const socket = await dial(port, { serverName: spiffeName })
    expect(await visits.next()).toMatchObject({ serverName: false })
    socket.destroy()
  })

  test('may have both names and be expected by either', async () => {
    const { port } = await serverOf({ spiffeId: web, dnsName: webDnsName })
    for (const serverName of [dnsName, spiffeName]) (await dial(port, { serverName })).destroy()
  })

  test('is shown the own credential while that is valid, and not a moment longer (Q36, linkerd2 issue 13136)', async () => {
    const { port, visits } = await serverOf({ dnsName: webDnsName })
    const credential = await linkerdCredential(ca, webDnsName)
    const issuedAt = now.getTime()
    const source = sourceOf(credential)
    const serialNumber = credential.leaf.serialNumber.replace(/^0+/, '')
    for (const [at, isShown] of [
      [issuedAt, true],
      [credential.notAfter.getTime() - 1, true],
      [credential.notAfter.getTime(), false],
      [credential.notAfter.getTime() + hourMs, false],
      [credential.notBefore.getTime() - 1, false],
    ] as const) {
      const anchors = { trustAnchors: ca.trustAnchors }
      const clock = { calls: 0 }
      // The own credential is looked at first, the server's certificate, which is as old, after that.
      const times = () => ((clock.calls += 1) === 1 ? new Date(at) : now)
      const socket = await dial(port, { ...anchors, source, now: times })
      const { shown } = await visits.next()
      expect(shown?.replace(/^0+/, '')).toBe(isShown ? serialNumber : undefined)
      socket.destroy()
    }
  })

  test('is verified by the anchors of the moment', async () => {
    const { port } = await serverOf({ dnsName: webDnsName })
    const trustAnchors = { current: foreign.trustAnchors }
    const error = await refusalOf(() => dial(port, { trustAnchors }))
    expect(error).toMatchObject({ code: 'WORKLOAD_PEER_UNTRUSTED' })
    trustAnchors.current = ca.trustAnchors
    ;(await dial(port, { trustAnchors })).destroy()
  })
})

describe('a server that is not', () => {
  test.each<[what: string, server: () => ReturnType<typeof startServer>, code: string, found: string]>([
    [
      'of another CA, with the same name',
      () => serverOf({ dnsName: webDnsName }, foreign),
      'WORKLOAD_PEER_UNTRUSTED',
      'CERT_UNKNOWN_ISSUER',
    ],
    ['without the DNS name', () => serverOf({ spiffeId: web }), 'WORKLOAD_PEER_NOT_AUTHORIZED', 'no name of that form'],
    [
      'with two DNS names, one of them the right one',
      async () => {
        const names = `subjectAltName=DNS:${String(webDnsName)},DNS:other.example`
        return startServer((await oddLeaf(ca, [names, 'keyUsage=critical,digitalSignature'])).raw)
      },
      'WORKLOAD_PEER_NOT_AUTHORIZED',
      `${String(webDnsName)}, other.example`,
    ],
  ])('%s', async (_what, server, code, found) => {
    const { port } = await server()
    const at = new Date(Math.max(now.getTime(), Date.now()))
    const trusted = code === 'WORKLOAD_PEER_NOT_AUTHORIZED' && found.includes('other') ? { now: () => at } : {}
    const error = await refusalOf(() => dial(port, trusted))
    expect(error).toMatchObject({ code, detail: { found } })
  })

  test('known by another SPIFFE ID', async () => {
    const { port } = await serverOf({ spiffeId: web })
    const serverName = parseWorkloadName('spiffe://cluster.local/ns/emojivoto/sa/voting')
    const error = await refusalOf(() => dial(port, { serverName }))
    expect(error).toMatchObject({ code: 'WORKLOAD_PEER_NOT_AUTHORIZED', detail: { found: String(web) } })
  })

  test('speaking TLS at all, or silent, or gone', async () => {
    const held: Socket[] = []
    const silent = await listening(createTcpServer((socket) => held.push(socket)))
    const rude = await listening(createTcpServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')))
    const gone = await listening(createTcpServer((socket) => socket.resetAndDestroy()))
    for (const [server, found] of [
      [silent, 'TimeoutError'],
      [rude, /^ERR_SSL_/],
      [gone, 'ECONNRESET'],
    ] as const) {
      const error = await refusalOf(() => dial(portOf(server), { timeoutMs: server === silent ? 50 : 20_000 }))
      const expected = typeof found === 'string' ? found : expect.stringMatching(found)
      expect(error).toMatchObject({ code: 'WORKLOAD_PEER_HANDSHAKE_FAILED', detail: { found: expected } })
      server.close()
    }
    for (const socket of held) socket.destroy()
  })
})

test('a credential of profile spiffe is shown the same way', async () => {
  const { port, visits } = await serverOf({ dnsName: webDnsName })
  const socket = await dial(port, { source: sourceOf(await credentialOf(ca, web)) })
  expect((await visits.next()).shown).toBeDefined()
  socket.destroy()
})
