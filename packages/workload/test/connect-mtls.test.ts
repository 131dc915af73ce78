import { createServer, type Socket } from 'node:net'
import { createTestCa } from '@meshid/testkit'
import { connectMtls, createCredentialStore } from '@meshid/workload'
import { expect, test } from 'vitest'
import { listening, portOf, sourceOf, startEcho, trustIn } from './mtls-rig.ts'
import { createQueue, type Queue } from './queue.ts'
import { refusalOf } from './refusal.ts'
import { credentialOf, hourMs, now, voting, web } from './world.ts'

const ca = await createTestCa({ now })
const source = sourceOf(await credentialOf(ca, web))
const client = { host: '127.0.0.1', source, trust: trustIn(ca) }

interface SilentServer extends AsyncDisposable {
  readonly port: number
  readonly accepted: Queue<Socket>
}

/** A server that accepts and says nothing. */
async function silentServer(): Promise<SilentServer> {
  const accepted = createQueue<Socket>()
  const sockets: Socket[] = []
  const server = await listening(
    createServer((socket) => {
      sockets.push(socket)
      socket.on('error', () => {})
      socket.resume()
      accepted.push(socket)
    }),
  )
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    await new Promise((done) => server.close(done))
  }
  return { port: portOf(server), accepted, [Symbol.asyncDispose]: close }
}

test('without a credential nothing is connected', async () => {
  const { source: empty } = createCredentialStore()
  const error = await refusalOf(() => connectMtls({ ...client, source: empty, port: 1 }))
  expect(error.code).toBe('WORKLOAD_NO_CREDENTIAL')
})

test('with an expired credential of its own nothing is connected', async () => {
  await using server = await silentServer()
  const trust = trustIn(ca, { now: () => new Date(now.getTime() + 2 * hourMs) })
  const error = await refusalOf(() => connectMtls({ ...client, trust, port: server.port }))
  expect(error.code).toBe('WORKLOAD_CREDENTIAL_EXPIRED')
})

test('nobody listens', async () => {
  await using server = await silentServer()
  const { port } = server
  await server[Symbol.asyncDispose]()
  const error = await refusalOf(() => connectMtls({ ...client, port }))
  expect(error).toMatchObject({
    code: 'WORKLOAD_PEER_UNREACHABLE',
    detail: { found: 'ECONNREFUSED' },
    cause: { code: 'ECONNREFUSED' },
  })
})

test('the host does not exist', async () => {
  const error = await refusalOf(() => connectMtls({ ...client, host: 'meshid.invalid', port: 1 }))
  expect(error.code).toBe('WORKLOAD_PEER_UNREACHABLE')
})

test('whoever listens does not speak TLS', async () => {
  await using server = await silentServer()
  void server.accepted.next().then((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  const error = await refusalOf(() => connectMtls({ ...client, port: server.port }))
  expect(error).toMatchObject({
    code: 'WORKLOAD_PEER_HANDSHAKE_FAILED',
    detail: { found: expect.stringMatching(/^ERR_SSL_/) },
  })
})

test.each(['end', 'resetAndDestroy'] as const)('whoever listens hangs up: %s', async (hangUp) => {
  await using server = await silentServer()
  void server.accepted.next().then((socket) => socket.once('data', () => socket[hangUp]()))
  const error = await refusalOf(() => connectMtls({ ...client, port: server.port }))
  expect(error).toMatchObject({ code: 'WORKLOAD_PEER_HANDSHAKE_FAILED', detail: { found: 'ECONNRESET' } })
})

test('whoever listens says nothing: the deadline holds for TCP and TLS together', async () => {
  await using server = await silentServer()
  const error = await refusalOf(() => connectMtls({ ...client, port: server.port, timeoutMs: 50 }))
  expect(error).toMatchObject({ code: 'WORKLOAD_PEER_HANDSHAKE_FAILED', detail: { found: 'TimeoutError' } })
})

test('an abort during the handshake closes the connection and rejects with its reason, untouched', async () => {
  await using server = await silentServer()
  const controller = new AbortController()
  const attempt = connectMtls({ ...client, port: server.port, signal: controller.signal })
  const socket = await server.accepted.next()
  const closed = new Promise((resolve) => {
    socket.once('close', resolve)
  })
  controller.abort('SIGTERM')
  await expect(attempt).rejects.toBe('SIGTERM')
  await closed
})

test('an abort before it begins', async () => {
  const reason = new Error('enough')
  await expect(connectMtls({ ...client, port: 1, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
})

test('an abort after the handshake does nothing: the connection belongs to the caller', async () => {
  await using server = await startEcho({ source: sourceOf(await credentialOf(ca, voting)), trust: trustIn(ca) })
  const controller = new AbortController()
  const { socket } = await connectMtls({ ...client, port: server.port, signal: controller.signal })
  controller.abort('SIGTERM')
  expect(socket.destroyed).toBe(false)
  socket.destroy()
})
