import { once } from 'node:events'
import type { IncomingHttpHeaders } from 'node:http2'
import { identityServiceDefinition, REQUEST_BODY_TIMEOUT_MS } from '@meshid/rpc'
import { expect, test } from 'vitest'
import { deferred, request, response, startIdentityServer } from '../identity-server.ts'
import { beginOn, exchangeOn, frame, openRaw } from '../raw-http2.ts'
import { useTransport } from '../transport.ts'

useTransport('http2')

const good = frame(identityServiceDefinition.certify.requestSerialize(request))
const message = encodeURI('expected the whole request within 50 ms')

test('a request has ten seconds to arrive', () => {
  expect(REQUEST_BODY_TIMEOUT_MS).toBe(10_000)
})

test.each([
  { of: 'no deadline', headers: {} },
  { of: 'a deadline far away', headers: { 'grpc-timeout': '20M' } },
])('a request with $of whose body stops is ended, no handler has seen it, and the connection goes on', async (row) => {
  await using running = await startIdentityServer(async () => response, { requestBodyTimeoutMs: 50 })
  const session = openRaw(running)
  const streams = [0, 1, 3, 5, good.length - 1].map((length) => {
    const stream = beginOn(session, row.headers)
    if (length > 0) stream.write(good.subarray(0, length))
    return stream
  })
  const heads = await Promise.all(
    streams.map(async (stream) => {
      const closed = once(stream, 'close')
      const [head] = (await once(stream, 'response')) as [IncomingHttpHeaders]
      stream.resume()
      await closed
      return head
    }),
  )
  for (const head of heads) {
    expect(head).toMatchObject({ ':status': 200, 'grpc-status': '4', 'grpc-message': message })
  }
  expect(running.finished).toEqual([])
  expect((await exchangeOn(session, row.headers, good)).head).toMatchObject({ 'grpc-status': '0' })
  expect(running.finished).toHaveLength(1)
  session.destroy()
})

test('a handler may take longer than its request', async () => {
  const arrived = deferred<void>()
  const goOn = deferred<void>()
  const certify = async () => {
    arrived.resolve()
    await goOn.promise
    return response
  }
  await using running = await startIdentityServer(certify, { requestBodyTimeoutMs: 50 })
  const session = openRaw(running)
  const slow = exchangeOn(session, {}, good)
  await arrived.promise
  const stalled = beginOn(session)
  await once(stalled, 'response') // its time is over, and that of the first was before
  goOn.resolve()
  expect((await slow).head).toMatchObject({ 'grpc-status': '0' })
  session.destroy()
})
