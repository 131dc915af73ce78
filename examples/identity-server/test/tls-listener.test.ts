import { once } from 'node:events'
import net from 'node:net'
import tls from 'node:tls'
import { parseCertificate } from '@meshid/certificate'
import { systemClock } from '@meshid/refresh'
import { serviceAccount, parseTrustDomain, spiffeIdOf } from '@meshid/spiffe-id'
import { createTestCa, type TestCa } from '@meshid/testkit'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createTlsCredentials, type TlsCredentials } from '../src/tls-credentials.ts'
import type { TlsEvent } from '../src/tls-event.ts'
import { startTlsListener, type TlsListenerOptions } from '../src/tls-listener.ts'

vi.setConfig({ testTimeout: 30_000 })

let ca: TestCa
let credentials: TlsCredentials
beforeAll(async () => {
  ca = await createTestCa({ now: new Date() })
  credentials = await createTlsCredentials({
    identity: {
      spiffeId: spiffeIdOf(serviceAccount('linkerd', 'linkerd-identity'), parseTrustDomain('cluster.local')),
    },
    holder: { current: ca.issuer },
    clock: systemClock,
    onIssued: () => undefined,
    signal: AbortSignal.timeout(10_000),
  })
})
afterAll(() => credentials[Symbol.asyncDispose]())

/** A listener on a free port, what it told, and what it passed on. */
async function listen(options: Partial<TlsListenerOptions> = {}) {
  const events: TlsEvent[] = []
  const sockets: tls.TLSSocket[] = []
  const listener = await startTlsListener(
    { host: '127.0.0.1', port: 0 },
    {
      credentials,
      judge: () => ({ kind: 'none' }),
      observer: (event) => void events.push(event),
      onConnection(socket) {
        socket.on('error', () => undefined)
        sockets.push(socket)
        socket.end('welcome')
      },
      ...options,
    },
  )
  const { port } = listener
  return {
    events,
    sockets,
    port,
    listener,
    client: (client: tls.ConnectionOptions = {}) => tls.connect({ port, rejectUnauthorized: false, ...client }),
    raw: () =>
      net
        .connect(port, '127.0.0.1')
        .on('error', () => undefined)
        .resume(),
    [Symbol.dispose]: () => listener.close(),
  }
}

/** Resolves when a socket has closed, by whatever. */
const closeOf = (socket: net.Socket): Promise<void> =>
  new Promise((resolve) => void socket.once('close', () => resolve()))

/** What a client reads until the end, or the code of what it fails with. */
async function outcomeOf(socket: net.Socket): Promise<string> {
  let said = ''
  socket.on('data', (chunk: Buffer) => void (said += chunk.toString()))
  const failed = once(socket, 'close').then(() => said)
  const error = new Promise<string>((resolve) => {
    socket.once('error', (cause: NodeJS.ErrnoException) => resolve(cause.code ?? cause.message))
  })
  return Promise.race([failed, error])
}

describe('the TLS listener', () => {
  test.each([
    { of: 'no ALPN, no server name', client: {} },
    { of: 'h2 among others', client: { ALPNProtocols: ['http/1.1', 'h2'] } },
    { of: 'any server name', client: { servername: 'no.such.name' } },
  ])('takes TLS 1.3 with $of', async ({ client }) => {
    using server = await listen()
    expect(await outcomeOf(server.client(client))).toBe('welcome')
    expect(server.events).toMatchObject([
      { type: 'accepted', peer: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as unknown },
    ])
  })

  test.each([
    {
      of: 'TLS 1.2',
      client: { maxVersion: 'TLSv1.2' as const },
      code: 'ERR_SSL_UNSUPPORTED_PROTOCOL',
      reason: 'expected TLS 1.3, found an older version',
      seen: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
    },
    {
      of: 'ALPN without h2',
      client: { ALPNProtocols: ['http/1.1'] },
      code: 'ERR_SSL_NO_APPLICATION_PROTOCOL',
      reason: 'expected the ALPN protocol h2 or none, found others',
      seen: 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL',
    },
  ])('refuses $of, and says why', async ({ client, code, reason, seen }) => {
    using server = await listen()
    expect(await outcomeOf(server.client(client))).toBe(seen)
    await expect.poll(() => server.events).toMatchObject([{ type: 'refused', code, reason }])
    expect(server.sockets).toEqual([])
  })

  test.each([
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0', /plain text: HTTP\/2 without TLS belongs on/],
    ['HTTP/1', 'GET / HTTP/1.1\r\nhost: identity\r\n\r\n', /plain HTTP\/1 request/],
    ['noise', '\u0000\u0001'.repeat(100), /./],
  ])('ends plain %s at once, and says what it found', async (_what, bytes, reason) => {
    using server = await listen()
    const socket = server.raw()
    socket.write(bytes)
    await closeOf(socket)
    await expect
      .poll(() => server.events)
      .toMatchObject([{ type: 'refused', reason: expect.stringMatching(reason) as unknown }])
  })

  test('tells of a peer that leaves without a word', async () => {
    using server = await listen()
    const socket = server.raw()
    await once(socket, 'connect')
    socket.destroy()
    await expect.poll(() => server.events).toMatchObject([{ type: 'refused', code: 'ECONNRESET' }])
  })

  test('ends a handshake that takes too long, also when bytes keep coming', async () => {
    using server = await listen({ handshakeTimeoutMs: 200 })
    const silent = server.raw()
    const slow = server.raw()
    slow.write(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]))
    const drip = setInterval(() => slow.write(Buffer.from([0])), 20)
    await Promise.all([closeOf(silent), closeOf(slow)])
    clearInterval(drip)
    const timeout = { type: 'refused', code: 'ERR_TLS_HANDSHAKE_TIMEOUT' }
    await expect.poll(() => server.events).toMatchObject([timeout, timeout])
  })

  test('resets connections above its number of handshakes, says so once, and has room again when they end', async () => {
    using server = await listen({ maxHandshakes: 2 })
    const waiting = [server.raw(), server.raw()]
    await Promise.all(waiting.map((socket) => once(socket, 'connect')))
    for (let more = 0; more < 3; more += 1) await closeOf(server.raw())
    expect(server.events).toEqual([{ type: 'busy', limit: 2 }])
    for (const socket of waiting) socket.destroy()
    await expect.poll(() => server.events.length).toBe(3)
    expect(await outcomeOf(server.client())).toBe('welcome')
    expect(server.events.at(-1)).toMatchObject({ type: 'accepted' })
  })

  test('does not count connections whose handshake is done', async () => {
    using server = await listen({ maxHandshakes: 1, onConnection: () => undefined })
    const open: tls.TLSSocket[] = []
    for (let count = 0; count < 5; count += 1) {
      const socket = server.client()
      await once(socket, 'secureConnect')
      open.push(socket)
    }
    await expect.poll(() => server.events.map(({ type }) => type)).toEqual(Array(5).fill('accepted'))
    for (const socket of open) socket.destroy()
  })

  test('resumes no session', async () => {
    using server = await listen()
    const first = server.client()
    const sessions: Buffer[] = []
    first.on('session', (session: Buffer) => void sessions.push(session))
    expect(await outcomeOf(first)).toBe('welcome')
    const second = server.client({ session: sessions[0] })
    const reused = once(second, 'secureConnect').then(() => second.isSessionReused())
    expect(await outcomeOf(second)).toBe('welcome')
    expect(await reused).toBe(false)
  })

  test('refuses everybody while it has no certificate, and takes the next when it has one', async () => {
    let broken = true
    const none = Object.assign(new Error('found none'), { code: 'TLS_NO_CERTIFICATE' })
    const fragile: Pick<TlsCredentials, 'current'> = {
      current: () => (broken ? Promise.reject(none) : credentials.current()),
    }
    using server = await listen({ credentials: fragile as TlsCredentials })
    await closeOf(server.raw())
    expect(server.events).toMatchObject([{ type: 'refused', code: 'TLS_NO_CERTIFICATE', reason: 'found none' }])
    broken = false
    expect(await outcomeOf(server.client())).toBe('welcome')
  })

  test('loses nothing of a peer that speaks while the certificate is still made', async () => {
    const issued = new EventTarget()
    const late: Pick<TlsCredentials, 'current'> = {
      current: () => once(issued, 'done').then(() => credentials.current()),
    }
    using server = await listen({ credentials: late as TlsCredentials })
    const socket = net.connect(server.port, '127.0.0.1')
    const client = server.client({ socket })
    await expect.poll(() => socket.bytesWritten).toBeGreaterThan(200)
    issued.dispatchEvent(new Event('done'))
    expect(await outcomeOf(client)).toBe('welcome')
  })

  test('after its end accepts nobody, and leaves connections alone', async () => {
    using server = await listen({ onConnection: (socket) => void socket.resume() })
    const open = server.client()
    await once(open, 'secureConnect')
    server.listener.close()
    const late = net.connect(server.port, '127.0.0.1')
    const [error] = (await once(late, 'error')) as [NodeJS.ErrnoException]
    expect(error.code).toBe('ECONNREFUSED')
    expect(open.destroyed).toBe(false)
    open.destroy()
  })

  test('shows a certificate that leads to the trust anchors', async () => {
    using server = await listen()
    const client = server.client()
    await once(client, 'secureConnect')
    const sent = client.getPeerX509Certificate()
    expect(sent?.subjectAltName).toBe('URI:spiffe://cluster.local/ns/linkerd/sa/linkerd-identity')
    const issuer = sent?.issuerCertificate
    expect(issuer && parseCertificate(new Uint8Array(issuer.raw)).subject.commonName).toBe(
      'identity.linkerd.cluster.local',
    )
    client.destroy()
  })

  test('says when its address is taken', async () => {
    using server = await listen()
    const other = startTlsListener(
      { host: '127.0.0.1', port: server.port },
      { credentials, judge: () => ({ kind: 'none' }), observer: () => undefined, onConnection: () => undefined },
    )
    await expect(other).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })
})
