import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { buffer, text } from 'node:stream/consumers'
import { parseSpiffeId } from '@meshid/spiffe-id'
import { createTestCa } from '@meshid/testkit'
import {
  connectMtls,
  createCredentialStore,
  createMtlsServer,
  parseWorkloadName,
  verifyCredential,
  trustBundlesOf,
} from '@meshid/workload'
import { expect, test } from 'vitest'
import { splice } from '../src/splice.ts'
import { idOf, portOf } from './world.ts'

const now = new Date()
const ca = await createTestCa({ now })
const spiffeId = parseSpiffeId(idOf('web'))
const { privateKey, ...answer } = await ca.issue({ spiffeId })
const name = parseWorkloadName(idOf('web'))
const { source, publish } = createCredentialStore()
publish(verifyCredential(answer, { name, privateKey, trustAnchors: ca.trustAnchors, now }))
const { trustDomain } = spiffeId
const trust = {
  bundles: trustBundlesOf(trustDomain, ca.trustAnchors),
  authorize: () => undefined,
  now: () => new Date(),
}

/** client → [splice → mTLS → splice] → app: both ends of a chain as two proxies make it, and how each splice ended. */
async function chain() {
  const outcomes: Promise<Error | undefined>[] = []
  const apps: Socket[] = []
  const app = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {})
    apps.push(socket)
    app.emit('app', socket)
  }).listen(0, '127.0.0.1')
  await once(app, 'listening')
  const inbound = createMtlsServer({
    source,
    trust,
    onConnection: (connection) => {
      outcomes.push(splice(connect({ port: portOf(app), host: '127.0.0.1', allowHalfOpen: true }), connection))
    },
  }).listen(0, '127.0.0.1')
  await once(inbound, 'listening')
  const outbound = createServer({ allowHalfOpen: true }, (client) => {
    client.on('error', () => {})
    const dialled = connectMtls({ host: '127.0.0.1', port: portOf(inbound), source, trust })
    outcomes.push(dialled.then((connection) => splice(client, connection)))
  }).listen(0, '127.0.0.1')
  await once(outbound, 'listening')
  const client = connect({ port: portOf(outbound), host: '127.0.0.1', allowHalfOpen: true })
  const [appSocket] = (await once(app, 'app')) as [Socket]
  const done = async (): Promise<(Error | undefined)[]> => {
    const errors = await Promise.all(outcomes)
    await Promise.all([app, inbound, outbound].map((server) => new Promise((resolve) => server.close(resolve))))
    return errors
  }
  return { client, app: appSocket, done }
}

test('each direction ends for itself, and everything arrives', async () => {
  const { client, app, done } = await chain()
  const question = Buffer.alloc(3_000_000, 'q')
  client.end(question)
  expect((await buffer(app)).equals(question)).toBe(true)
  const answerBytes = Buffer.alloc(3_000_000, 'a')
  app.end(answerBytes)
  expect((await buffer(client)).equals(answerBytes)).toBe(true)
  expect(await done()).toEqual([undefined, undefined])
})

test('the other direction may end first', async () => {
  const { client, app, done } = await chain()
  app.end('bye')
  expect(await text(client)).toBe('bye')
  client.end('still here')
  expect(await text(app)).toBe('still here')
  expect(await done()).toEqual([undefined, undefined])
})

test('an app that dies in the middle of its answer is an error of the client, not an end', async () => {
  const { client, app, done } = await chain()
  app.write('a part')
  const [part] = (await once(client, 'data')) as [Buffer]
  expect(String(part)).toBe('a part')
  const failed = once(client, 'error')
  app.resetAndDestroy()
  expect(await failed).toMatchObject([{ code: 'ECONNRESET' }])
  expect(await done()).toMatchObject([{ code: 'ECONNRESET' }, { code: 'ECONNRESET' }])
})

test('a client that dies is an error of the app', async () => {
  const { client, app, done } = await chain()
  client.write('a part')
  await once(app, 'data')
  const closed = new Promise((resolve) => {
    app.once('close', resolve)
  })
  client.resetAndDestroy()
  await closed
  expect(app.errored).toMatchObject({ code: 'ECONNRESET' })
  expect(await done()).toMatchObject([{ code: 'ECONNRESET' }, { code: 'ECONNRESET' }])
})
