import type http2 from 'node:http2'
import { identityServiceDefinition } from '@meshid/rpc'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { request, response, type RunningServer, startIdentityServer, waitForAbort } from './identity-server.ts'
import { exchangeOn, frame, openRaw } from './raw-http2.ts'

const { requestSerialize, responseDeserialize } = identityServiceDefinition.certify

/** One raw HTTP/2 exchange: what any other implementation would put on the wire. */
async function exchange(running: RunningServer, headers: http2.OutgoingHttpHeaders, body: Buffer) {
  const session = openRaw(running)
  try {
    return await exchangeOn(session, headers, body)
  } finally {
    session.destroy()
  }
}

describe('the server, spoken to in raw HTTP/2', () => {
  let running: RunningServer
  beforeEach(async () => {
    running = await startIdentityServer(async () => response)
  })
  afterEach(() => running[Symbol.asyncDispose]())

  test.each(['linkerd-identity-headless.linkerd.svc.cluster.local.:8080', 'localhost', 'a.b.'])(
    'tolerates the :authority %s',
    async (authority) => {
      const answer = await exchange(running, { ':authority': authority }, frame(requestSerialize(request)))
      expect(answer.head).toMatchObject({ ':status': 200, 'grpc-status': '0' })
      expect(responseDeserialize(answer.body.subarray(5))).toEqual(response)
    },
  )

  test.each([
    ['bytes that are no protobuf', Buffer.from('12ff', 'hex')],
    ['random text', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
  ])('answers %s with INTERNAL, never calling the handler', async (_what, message) => {
    const answer = await exchange(running, {}, frame(message))
    expect(answer.head).toMatchObject({ ':status': 200, 'grpc-status': '13' })
    expect(running.finished).toEqual([])
  })

  test('answers a second message in a unary call with a status', async () => {
    const twice = Buffer.concat([frame(requestSerialize(request)), frame(requestSerialize(request))])
    const answer = await exchange(running, {}, twice)
    expect(answer.head).toMatchObject({ 'grpc-status': '12' })
  })

  test('answers no message at all with a status', async () => {
    expect((await exchange(running, {}, Buffer.alloc(0))).head).toMatchObject({ 'grpc-status': '12' })
  })

  test('answers an unknown method with UNIMPLEMENTED', async () => {
    const answer = await exchange(running, { ':path': '/io.linkerd.proxy.identity.Identity/Revoke' }, Buffer.alloc(0))
    expect(answer.head).toMatchObject({ 'grpc-status': '12' })
  })

  test('answers a length prefix of four gigabytes at once', async () => {
    const answer = await exchange(running, {}, Buffer.from('00ffffffff', 'hex'))
    expect(answer.head).toMatchObject({ 'grpc-status': '8' })
  })
})

test('the server keeps the deadline of a caller that does not: RPC_DEADLINE_EXCEEDED on both ends (Q37)', async () => {
  const waiting = waitForAbort()
  await using running = await startIdentityServer(waiting.certify)
  const answer = await exchange(running, { 'grpc-timeout': '50m' }, frame(requestSerialize(request)))
  expect(answer.head).toMatchObject({ 'grpc-status': '4' })
  expect(await waiting.aborted).toMatchObject({ name: 'RpcError', code: 'RPC_DEADLINE_EXCEEDED' })
})
