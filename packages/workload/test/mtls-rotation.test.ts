import { connect, createServer, type TLSSocket } from 'node:tls'
import { once } from 'node:events'
import { createTestCa, createTestClock } from '@meshid/testkit'
import { createCredentialStore, tlsContext, verifyPeer } from '@meshid/workload'
import { expect, test } from 'vitest'
import { dial, echo, listening, portOf, rawTls, sourceOf, startEcho, trustIn } from './mtls-rig.ts'
import { createQueue } from './queue.ts'
import { codeOf, refusalOf } from './refusal.ts'
import { credentialOf, hourMs, now, rawIdentity, voting, web } from './world.ts'

const ca = await createTestCa({ now })
const webCredential = await credentialOf(ca, web)

test('a new credential is used by the next handshake, and connections that are open live on (JS-8)', async () => {
  const [first, second] = [await credentialOf(ca, voting), await credentialOf(ca, voting)]
  const store = createCredentialStore()
  store.publish(first)
  await using server = await startEcho({ source: store.source, trust: trustIn(ca) })
  const before = await dial(server.port, webCredential, trustIn(ca))
  expect(before.peer.certificate.serialNumber).toBe(first.leaf.serialNumber)
  expect(await echo(before.socket, 'before')).toBe('before')

  store.publish(second)
  const after = await dial(server.port, webCredential, trustIn(ca))
  expect(after.peer.certificate.serialNumber).toBe(second.leaf.serialNumber)
  expect(await echo(before.socket, 'still there')).toBe('still there')
  expect(await echo(after.socket, 'after')).toBe('after')
  before.socket.destroy()
  after.socket.destroy()
})

test('a client shows its new credential at the next connection', async () => {
  const [first, second] = [await credentialOf(ca, web), await credentialOf(ca, web)]
  await using server = await startEcho({ source: sourceOf(await credentialOf(ca, voting)), trust: trustIn(ca) })
  for (const credential of [first, second]) {
    const { socket } = await dial(server.port, credential, trustIn(ca))
    expect((await server.peers.next()).certificate.serialNumber).toBe(credential.leaf.serialNumber)
    socket.destroy()
  }
})

test('a change of the issuer is a rotation like any other', async () => {
  const store = createCredentialStore()
  store.publish(await credentialOf(ca, voting))
  await using server = await startEcho({ source: store.source, trust: trustIn(ca) })
  const before = await dial(server.port, webCredential, trustIn(ca))
  const { issuer } = await ca.anotherIssuer('identity-2.linkerd.cluster.local')
  store.publish(await credentialOf(ca, voting, { issuer }))
  const after = await dial(server.port, webCredential, trustIn(ca))
  expect(before.peer.certificate.issuer.commonName).toBe('identity.linkerd.cluster.local')
  expect(after.peer.certificate.issuer.commonName).toBe('identity-2.linkerd.cluster.local')
  expect(await echo(before.socket, 'before')).toBe('before')
  expect(await echo(after.socket, 'after')).toBe('after')
  before.socket.destroy()
  after.socket.destroy()
})

test('a server without a credential refuses handshakes until there is one', async () => {
  const store = createCredentialStore()
  await using server = await startEcho({ source: store.source, trust: trustIn(ca) })
  const error = await refusalOf(() => dial(server.port, webCredential, trustIn(ca)))
  expect(error.detail.found).toBe('ECONNRESET')
  expect((await server.refused.next()).code).toBe('WORKLOAD_NO_CREDENTIAL')
  store.publish(await credentialOf(ca, voting))
  const { socket } = await dial(server.port, webCredential, trustIn(ca))
  socket.destroy()
})

test('a server whose own credential has expired shows it to nobody, says so, and recovers with the next one (Q36)', async () => {
  const clock = createTestClock(now)
  const store = createCredentialStore()
  store.publish(await credentialOf(ca, voting))
  const trust = trustIn(ca, { now: () => clock.now() })
  await using server = await startEcho({ source: store.source, trust })
  const open = await dial(server.port, webCredential, trustIn(ca))
  await server.peers.next()

  await clock.advance(2 * hourMs)
  const end = await rawTls(server.port, await rawIdentity(ca, { spiffeId: web }))
  expect(end).toEqual({ code: 'ECONNRESET', bytes: 0 })
  expect(await server.refused.next()).toMatchObject({
    code: 'WORKLOAD_CREDENTIAL_EXPIRED',
    detail: { found: '2026-11-21T13:00:00.000Z' },
  })
  expect(await echo(open.socket, 'still there')).toBe('still there')
  open.socket.destroy()

  store.publish(await credentialOf(ca, voting, { at: clock.now() }))
  const fresh = await credentialOf(ca, web, { at: clock.now() })
  const { socket } = await dial(server.port, fresh, trust)
  expect(await echo(socket, 'again')).toBe('again')
  socket.destroy()
})

test('a key that TLS does not take is a refusal with its cause, not a crash', async () => {
  const credential = await credentialOf(ca, voting)
  const broken = Object.create(credential, {
    certificateChainPem: { value: credential.certificateChainPem },
    privateKeyPem: { value: () => webCredential.privateKeyPem() },
  }) as typeof credential
  const source = { ...sourceOf(credential), usable: () => broken }
  await using server = await startEcho({ source, trust: trustIn(ca) })
  await refusalOf(() => dial(server.port, webCredential, trustIn(ca)))
  expect(await server.refused.next()).toMatchObject({
    code: 'WORKLOAD_PEER_HANDSHAKE_FAILED',
    detail: { found: 'ERR_OSSL_X509_KEY_VALUES_MISMATCH' },
  })
})

test('sessions are not resumed: each connection is a full handshake with its own check (JS-7, X509-38)', async () => {
  await using server = await startEcho({ source: sourceOf(await credentialOf(ca, voting)), trust: trustIn(ca) })
  const identity = await rawIdentity(ca, { spiffeId: web })
  const options = { host: '127.0.0.1', port: server.port, ...identity, rejectUnauthorized: false }
  const sessions: Buffer[] = []
  const first = connect(options)
  first.on('session', (session: Buffer) => sessions.push(session))
  await echo(first, 'hello')
  const session = sessions.at(-1) ?? first.getSession()
  first.destroy()

  const second = connect({ ...options, ...(session ? { session } : {}) })
  expect(await echo(second, 'hello')).toBe('hello')
  expect(second.isSessionReused()).toBe(false)
  second.destroy()
  expect(server.peers.all).toHaveLength(2)
})

test('a resumed session would be refused by both sides, wherever it came from (JS-7)', async () => {
  const { secureOptions: _noTickets, ...context } = tlsContext(await credentialOf(ca, voting))
  const codes = createQueue<string>()
  const server = createServer({ ...context, requestCert: true, rejectUnauthorized: false }, (socket) => {
    codes.push(socket.isSessionReused() ? codeOf(() => verifyPeer(socket, 'client', trustIn(ca))) : 'full')
    socket.end('done')
  })
  await listening(server)
  const identity = await rawIdentity(ca, { spiffeId: web })
  const options = { host: '127.0.0.1', port: portOf(server), ...identity, rejectUnauthorized: false }
  const first = connect(options).resume()
  const [session] = (await once(first, 'session')) as [Buffer]
  await once(first, 'close')

  const second: TLSSocket = connect({ ...options, session }).resume()
  await once(second, 'secureConnect')
  expect(second.isSessionReused()).toBe(true)
  expect(codeOf(() => verifyPeer(second, 'server', trustIn(ca)))).toBe('WORKLOAD_PEER_RESUMED')
  await once(second, 'close')
  expect(codes.all).toEqual(['full', 'WORKLOAD_PEER_RESUMED'])
  server.close()
})

test('closing the server ends listening; open connections may finish', async () => {
  await using server = await startEcho({ source: sourceOf(await credentialOf(ca, voting)), trust: trustIn(ca) })
  const { socket } = await dial(server.port, webCredential, trustIn(ca))
  const closed = once(server.server, 'close')
  server.server.close()
  expect((await refusalOf(() => dial(server.port, webCredential, trustIn(ca)))).code).toBe('WORKLOAD_PEER_UNREACHABLE')
  expect(await echo(socket, 'hello')).toBe('hello')
  socket.end()
  await closed
})
