import { once } from 'node:events'
import { constants, type IncomingHttpHeaders, type Settings } from 'node:http2'
import net from 'node:net'
import { createIdentityClient, identityServiceDefinition, MAX_HEADER_LIST_BYTES, MAX_REQUEST_BYTES } from '@meshid/rpc'
import { describe, expect, test } from 'vitest'
import { deferred, request, response, startIdentityServer, waitForAbort } from '../identity-server.ts'
import { beginOn, exchangeOn, frame, goawayOf, openRaw } from '../raw-http2.ts'
import { useTransport } from '../transport.ts'

useTransport('http2')

const { requestSerialize, responseDeserialize } = identityServiceDefinition.certify
const good = frame(requestSerialize(request))
const answering = () => startIdentityServer(async () => response)

describe('a request', () => {
  test('in pieces of one byte is put together', async () => {
    await using running = await answering()
    const session = openRaw(running)
    const stream = beginOn(session)
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    for (const byte of good) {
      stream.write(Buffer.of(byte))
      await new Promise(setImmediate)
    }
    stream.end()
    await once(stream, 'close')
    expect(responseDeserialize(Buffer.concat(chunks).subarray(5))).toEqual(response)
    session.destroy()
  })

  test.each([
    ['that is cut off', good.subarray(0, -1), '12'],
    ['whose prefix is cut off', good.subarray(0, 4), '12'],
    ['that is compressed', frame(requestSerialize(request), 1), '12'],
    ['that is followed by another byte', Buffer.concat([good, Buffer.of(0)]), '12'],
    ['over the limit by its prefix alone', frame(Buffer.alloc(MAX_REQUEST_BYTES + 1)).subarray(0, 5), '8'],
  ])('%s is answered with a status, and the connection goes on', async (_what, body, status) => {
    await using running = await answering()
    const session = openRaw(running)
    expect((await exchangeOn(session, {}, body)).head).toMatchObject({ ':status': 200, 'grpc-status': status })
    expect((await exchangeOn(session, {}, good)).head).toMatchObject({ 'grpc-status': '0' })
    expect(running.finished).toHaveLength(1)
    session.destroy()
  })

  test('over the limit is not read on: the stream is closed at once, with its answer', async () => {
    await using running = await answering()
    const session = openRaw(running)
    const stream = beginOn(session)
    stream.write(frame(Buffer.alloc(MAX_REQUEST_BYTES + 1)).subarray(0, 100))
    const [head] = (await once(stream, 'response')) as [IncomingHttpHeaders]
    expect(head['grpc-status']).toBe('8')
    await once(stream.resume(), 'close')
    expect(stream.rstCode).toBe(constants.NGHTTP2_NO_ERROR)
    session.destroy()
  })

  test.each([
    ['that is no gRPC', { 'content-type': 'text/plain' }, { ':status': 415 }],
    ['of an unknown method', { ':path': '/a.B/C' }, { ':status': 200, 'grpc-status': '12' }],
    ['with a deadline that is none', { 'grpc-timeout': 'soon' }, { ':status': 200, 'grpc-status': '13' }],
    ['with a deadline of nine digits', { 'grpc-timeout': '123456789S' }, { 'grpc-status': '13' }],
    ['with a deadline that is over', { 'grpc-timeout': '0m' }, { 'grpc-status': '4' }],
  ])('%s is answered without a handler', async (_what, headers, expected) => {
    const waiting = waitForAbort()
    await using running = await startIdentityServer(waiting.certify)
    const session = openRaw(running)
    expect((await exchangeOn(session, headers, good)).head).toMatchObject(expected)
    session.destroy()
  })

  test.each(['1H', '99999999H', '60M', '30S', '30000m', '30000000u', '99999999n'])(
    'with the deadline %s is answered before it',
    async (timeout) => {
      await using running = await answering()
      const session = openRaw(running)
      const { head } = await exchangeOn(session, { 'grpc-timeout': timeout }, good)
      expect(head).toMatchObject({ 'grpc-status': '0', 'grpc-message': 'OK' })
      session.destroy()
    },
  )

  test('with more header than the limit is refused', async () => {
    await using running = await answering()
    const session = openRaw(running)
    const [settings] = (await once(session, 'remoteSettings')) as [Settings]
    expect(settings.maxHeaderListSize).toBe(MAX_HEADER_LIST_BYTES)
    const { head } = await exchangeOn(session, { 'x-long': 'x'.repeat(60_000) }, good)
    expect(head['grpc-status']).toBeUndefined()
    session.destroy()
  })
})

describe('requests that come together', () => {
  test('are begun together, in their order, before the first goes on', async () => {
    const steps: string[] = []
    await using running = await startIdentityServer(async ({ identity }) => {
      steps.push(`${identity} begins`)
      await Promise.resolve()
      steps.push(`${identity} goes on`)
      return response
    })
    const session = openRaw(running)
    await exchangeOn(session, {}, good)
    steps.length = 0
    const names = ['one', 'two', 'three']
    await Promise.all(
      names.map((identity) => exchangeOn(session, {}, frame(requestSerialize({ ...request, identity })))),
    )
    expect(steps).toEqual([...names.map((name) => `${name} begins`), ...names.map((name) => `${name} goes on`)])
    session.destroy()
  })
})

describe('a connection', () => {
  test('that resets calls without end is dropped (CVE-2023-44487), others are served', async () => {
    const aborted: unknown[] = []
    await using running = await startIdentityServer(({ identity }, { signal }) => {
      if (identity === '') return Promise.resolve(response)
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          aborted.push(signal.reason)
          reject(signal.reason as Error)
        })
      })
    })
    const session = openRaw(running)
    const ended = goawayOf(session)
    for (let round = 0; round < 60 && !session.destroyed && !session.closed; round += 1) {
      for (let call = 0; call < 50; call += 1) {
        const stream = beginOn(session)
        stream.end(good)
        stream.close(constants.NGHTTP2_CANCEL)
      }
      await new Promise(setImmediate)
    }
    expect(await ended).toBeGreaterThan(0)
    using client = createIdentityClient({ address: running.address, credentials: 'plaintext' })
    expect(await client.certify({ ...request, identity: '' })).toEqual(response)
    expect(aborted.length).toBe(running.finished.filter(({ status }) => status === 'CANCELLED').length)
  })

  test('that sends pings without end is dropped with ENHANCE_YOUR_CALM', async () => {
    await using running = await answering()
    const session = openRaw(running)
    await once(session, 'remoteSettings')
    const ended = goawayOf(session)
    const pingOn = () => {
      if (!session.destroyed) session.ping((error) => (error === null ? pingOn() : undefined))
    }
    for (let count = 0; count < 8; count += 1) pingOn()
    expect(await ended).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM)
  })

  test('that sends settings without end is dropped with ENHANCE_YOUR_CALM', async () => {
    await using running = await answering()
    const session = openRaw(running)
    await once(session, 'remoteSettings')
    const ended = goawayOf(session)
    const settle = () => {
      if (!session.destroyed) session.settings({ enablePush: false }, settle)
    }
    for (let count = 0; count < 8; count += 1) settle()
    expect(await ended).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM)
  })

  test('that speaks something else is ended, others are served', async () => {
    await using running = await answering()
    if (!('port' in running.socket)) throw new Error('expected a TCP address')
    for (const bytes of ['GET / HTTP/1.1\r\nhost: a\r\n\r\n', '\u0016\u0003\u0001\u0002\0\u0001'.repeat(20)]) {
      const stranger = net.connect(running.socket).on('error', () => undefined)
      stranger.resume().write(bytes)
      await new Promise((resolve) => void stranger.once('close', resolve))
    }
    using client = createIdentityClient({ address: running.address, credentials: 'plaintext' })
    expect(await client.certify(request)).toEqual(response)
  })

  test('may give up each of a thousand calls at once', async () => {
    const waiting = waitForAbort()
    await using running = await startIdentityServer(({ identity }, context) =>
      identity === '' ? Promise.resolve(response) : waiting.certify(request, context),
    )
    using client = createIdentityClient({ address: running.address, credentials: 'plaintext', deadlineMs: 60_000 })
    const controller = new AbortController()
    const calls = Array.from({ length: 900 }, () => client.certify(request, { signal: controller.signal }))
    await waiting.called
    controller.abort(new Error('enough'))
    expect((await Promise.allSettled(calls)).every(({ status }) => status === 'rejected')).toBe(true)
    expect(await client.certify({ ...request, identity: '' })).toEqual(response)
  })
})

describe('a drain', () => {
  test('says so before it closes, and answers the calls that cross the notice', async () => {
    const goOn = deferred<void>()
    const arrived = deferred<void>()
    await using running = await startIdentityServer(async () => {
      arrived.resolve()
      await goOn.promise
      return response
    })
    const session = openRaw(running)
    const first = exchangeOn(session, {}, good)
    await arrived.promise
    const goaways: [number, number][] = []
    session.on('goaway', (code: number, lastStreamId: number) => goaways.push([code, lastStreamId]))
    const crossing = exchangeOn(session, {}, good)
    await new Promise(setImmediate) // it has left the client, and the server has not read it
    const drained = running.server.drain({ deadlineMs: 20_000 })
    goOn.resolve()
    expect((await first).head).toMatchObject({ 'grpc-status': '0' })
    expect((await crossing).head).toMatchObject({ 'grpc-status': '0' })
    expect(await drained).toBe('drained')
    expect(goaways[0]).toEqual([constants.NGHTTP2_NO_ERROR, 2 ** 31 - 1])
    expect(goaways.at(-1)?.[0]).toBe(constants.NGHTTP2_NO_ERROR)
  })

  test.each([1, 3])('answers %i calls that cross it on a connection without calls, when it has told', async (count) => {
    await using running = await answering()
    const session = openRaw(running)
    await exchangeOn(session, {}, good)
    const goaways: number[] = []
    session.on('goaway', (_code: number, lastStreamId: number) => goaways.push(lastStreamId))
    const crossing = Array.from({ length: count }, () => exchangeOn(session, {}, good))
    const drained = running.server.drain({ deadlineMs: 20_000 })
    for (const { head } of await Promise.all(crossing)) expect(head).toMatchObject({ 'grpc-status': '0' })
    expect(await drained).toBe('drained')
    expect(goaways[0]).toBe(2 ** 31 - 1)
  })

  test('lets a call that crosses it be given up', async () => {
    await using running = await answering()
    const session = openRaw(running)
    await exchangeOn(session, {}, good)
    const crossing = beginOn(session)
    crossing.write(good)
    const drained = running.server.drain({ deadlineMs: 20_000 })
    await once(session, 'goaway')
    crossing.close(constants.NGHTTP2_CANCEL)
    expect(await drained).toBe('drained')
    expect(running.finished).toHaveLength(1)
  })

  test('answers a call of grpc-js that crosses it', async () => {
    await using running = await answering()
    using client = createIdentityClient({ address: running.address, credentials: 'plaintext' })
    await client.certify(request)
    const crossing = client.certify(request)
    await new Promise(setImmediate)
    const drained = running.server.drain({ deadlineMs: 20_000 })
    expect(await crossing).toEqual(response)
    expect(await drained).toBe('drained')
    expect(running.finished).toHaveLength(2)
  })

  test('does not wait for ever for a client that does not hear', async () => {
    await using running = await answering()
    if (!('port' in running.socket)) throw new Error('expected a TCP address')
    const silent = net.connect(running.socket).resume()
    silent.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0')
    await once(silent, 'data')
    expect(await running.server.drain({ deadlineMs: 20_000 })).toBe('drained')
    silent.destroy()
  })
})
