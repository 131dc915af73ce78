import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { type ClientHttp2Session, constants } from 'node:http2'
import { text } from 'node:stream/consumers'
import { createTestCa, createTestClock, type TestClock } from '@meshid/testkit'
import {
  type ConnectionLifetime,
  connectMtls,
  connectMtlsHttp2,
  createCredentialStore,
  createMtlsHttp2Server,
  createMtlsHttpsServer,
  createMtlsServer,
  DEFAULT_DRAIN_GRACE_MS,
  type MtlsConnection,
} from '@meshid/workload'
import { expect, onTestFinished, test } from 'vitest'
import { echo, listening, portOf, sourceOf, trustIn } from '../mtls-rig.ts'
import { createQueue } from '../queue.ts'
import { credentialOf, now, voting, web } from '../world.ts'
import { grpcRow } from './grpc-row.ts'

const ca = await createTestCa({ now })
const clientSource = sourceOf(await credentialOf(ca, web))
const [first, second] = [await credentialOf(ca, voting), await credentialOf(ca, voting)]

function world(lifetime: Omit<ConnectionLifetime, 'clock'>) {
  const clock = createTestClock(now)
  const store = createCredentialStore()
  store.publish(first)
  return { clock, store, options: { source: store.source, trust: trustIn(ca), lifetime: { clock, ...lifetime } } }
}
const ageMs = 60_000
const dial = (port: number) => connectMtls({ host: '127.0.0.1', port, source: clientSource, trust: trustIn(ca) })

async function startTls(lifetime: Omit<ConnectionLifetime, 'clock'>) {
  const { clock, store, options } = world(lifetime)
  const drained = createQueue<MtlsConnection>()
  const server = await listening(
    createMtlsServer({
      ...options,
      onDrain: (connection) => drained.push(connection),
      onConnection({ socket }) {
        socket.on('error', () => {})
        socket.pipe(socket)
      },
    }),
  )
  onTestFinished(() => void server.close())
  return { clock, store, drained, port: portOf(server) }
}

test('tls: a connection of the greatest age is told, lives through its grace, and is ended', async () => {
  const { clock, drained, port } = await startTls({ maxConnectionAgeMs: ageMs })
  const { socket } = await dial(port)
  expect(await echo(socket, 'hello')).toBe('hello')
  await clock.advance(ageMs - 1)
  expect(drained.all).toEqual([])
  await clock.advance(1)
  expect(String((await drained.next()).peer.spiffeId)).toBe(String(web))
  expect(await echo(socket, 'still here')).toBe('still here')
  await clock.advance(DEFAULT_DRAIN_GRACE_MS)
  expect(await text(socket)).toBe('')
  socket.destroy()
})

test('tls: without a rule connections live on, and a rotation drains those of an earlier credential if told to', async () => {
  const { store, drained, port, clock } = await startTls({ onRotation: 'drain', drainGraceMs: 5000 })
  const before = await dial(port)
  await echo(before.socket, 'before')
  store.publish(second)
  const { socket } = await drained.next()
  expect(socket.remotePort).toBe(before.socket.localPort)
  const after = await dial(port)
  await echo(after.socket, 'after')
  await clock.advance(5000)
  expect(await text(before.socket)).toBe('')
  expect(await echo(after.socket, 'still here')).toBe('still here')
  expect(drained.all).toHaveLength(1)
  for (const each of [before, after]) each.socket.destroy()

  const still = await startTls({})
  const { socket: old } = await dial(still.port)
  await echo(old, 'before')
  still.store.publish(second)
  expect(await echo(old, 'after')).toBe('after')
  expect([still.drained.all, still.clock.pending]).toEqual([[], 0])
  old.destroy()
})

test('a connection that is gone leaves no timer and no listener behind', async () => {
  const { clock, store, port, drained } = await startTls({ maxConnectionAgeMs: ageMs, onRotation: 'drain' })
  const { socket } = await dial(port)
  await echo(socket, 'hello')
  expect(clock.pending).toBe(1)
  socket.destroy()
  await noTimerLeft(clock)
  store.publish(second)
  expect(drained.all).toEqual([])
})

/** The server hears of the end some turns later. */
async function noTimerLeft(clock: TestClock): Promise<void> {
  while (clock.pending > 0) await new Promise(setImmediate)
}

test('https: the next response says "Connection: close", and the connection ends after it', async () => {
  const { clock, options } = world({ maxConnectionAgeMs: ageMs })
  const server = await listening(createMtlsHttpsServer(options, (_request, response) => response.end('yes')))
  const { socket } = await dial(portOf(server))
  const ask = async (): Promise<string | undefined> => {
    const question = httpRequest({ createConnection: () => socket, headers: { connection: 'keep-alive' } }).end()
    const [response] = (await once(question, 'response')) as [IncomingMessage]
    expect(await text(response)).toBe('yes')
    return response.headers.connection
  }
  expect(await ask()).toBe('keep-alive')
  await clock.advance(ageMs)
  const ended = once(socket, 'end')
  expect(await ask()).toBe('close')
  await ended
  socket.destroy()
  await new Promise((resolve) => server.close(resolve))
})

test('https: a request under way when the age is reached is answered, and its response is the last', async () => {
  const { clock, options } = world({ maxConnectionAgeMs: ageMs })
  const asked = createQueue<() => void>()
  const server = await listening(
    createMtlsHttpsServer(options, (_request, response) => asked.push(() => response.end('yes'))),
  )
  const { socket } = await dial(portOf(server))
  const question = httpRequest({ createConnection: () => socket, headers: { connection: 'keep-alive' } }).end()
  const answer = await asked.next()
  await clock.advance(ageMs)
  answer()
  const [response] = (await once(question, 'response')) as [IncomingMessage]
  expect(response.headers.connection).toBe('close')
  expect(await text(response)).toBe('yes')
  socket.destroy()
  await new Promise((resolve) => server.close(resolve))
})

async function startHttp2() {
  const { clock, options } = world({ maxConnectionAgeMs: ageMs })
  const asked = createQueue<() => void>()
  const server = await listening(createMtlsHttp2Server(options))
  server.on('stream', (stream) => {
    asked.push(() => {
      stream.respond({ ':status': 200 })
      stream.end('yes')
    })
  })
  const session = await connectMtlsHttp2({
    host: '127.0.0.1',
    port: portOf(server),
    source: clientSource,
    trust: trustIn(ca),
  })
  const goaways = createQueue<number>()
  session.on('goaway', (code: number, lastStreamId: number) => {
    expect(code).toBe(constants.NGHTTP2_NO_ERROR)
    goaways.push(lastStreamId)
  })
  onTestFinished(() => {
    session.destroy()
    server.close()
  })
  return { clock, asked, session, goaways }
}
const ask = (session: ClientHttp2Session): Promise<string> => text(session.request({ ':path': '/' }))

test('http2: GOAWAY turns nobody away at first; streams that are open finish, and the connection closes', async () => {
  const { clock, asked, session, goaways } = await startHttp2()
  const open = ask(session)
  const answerOpen = await asked.next()
  await clock.advance(ageMs)
  expect(goaways.all).toEqual([]) // A GOAWAY would make nghttp2 deaf as soon as no stream is open.

  const closed = once(session, 'close')
  const next = ask(session)
  expect(await goaways.next()).toBe(2 ** 31 - 1)
  const answerNext = await asked.next() // when the client has heard it
  answerOpen()
  answerNext()
  expect(await Promise.all([open, next])).toEqual(['yes', 'yes'])
  await closed
})

test('http2: a connection without streams is closed after a second', async () => {
  const { clock, session, goaways } = await startHttp2()
  await new Promise((resolve) => session.ping(resolve)) // so that the server has its session
  await clock.advance(ageMs)
  expect(goaways.all).toEqual([])
  const closed = once(session, 'close')
  await clock.advance(1000)
  await goaways.next()
  await closed
})

test('grpc-js: calls go on while their connections are drained one after the other', async () => {
  const { store, options } = world({ onRotation: 'drain' })
  const connections = createQueue<number>()
  const trust = {
    ...trustIn(ca),
    authorize: (): undefined => {
      connections.push(connections.all.length + 1)
    },
  }
  const server = await grpcRow.startServer({ ...options, trust })
  const client = grpcRow.createClient({ port: server.port, source: clientSource, trust: trustIn(ca) })
  for (const credential of [second, first, second]) {
    expect(await client.ask()).toBe(String(web))
    store.publish(credential)
    const answers = await Promise.all(Array.from({ length: 20 }, () => client.ask()))
    expect(new Set(answers)).toEqual(new Set([String(web)]))
  }
  expect(connections.all.length).toBeGreaterThanOrEqual(3)
  await client.close()
  await server.close()
})
