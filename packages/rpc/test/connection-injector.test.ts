import { once } from 'node:events'
import http2 from 'node:http2'
import net from 'node:net'
import tls from 'node:tls'
import { createIdentityClient, identityServiceDefinition, MAX_CONCURRENT_STREAMS } from '@meshid/rpc'
import { describe, expect, test } from 'vitest'
import { deferred, request, response, startIdentityServer, waitForAbort } from './identity-server.ts'
import { openDoor, openTlsDoor } from './injected.ts'

const errorOf = (call: Promise<unknown>) => call.then(() => undefined).catch((error: unknown) => error)
const clientOf = (port: number) =>
  createIdentityClient({ address: `127.0.0.1:${port}`, credentials: 'plaintext', deadlineMs: 60_000 })

/** Certify by Node's own HTTP/2 client, over a connection that is there already. */
async function certifyOver(connection: net.Socket, what = request): Promise<unknown> {
  const { path, requestSerialize, responseDeserialize } = identityServiceDefinition.certify
  const session = http2.connect('http://identity.:8080', { createConnection: () => connection })
  session.on('error', () => undefined)
  try {
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
    })
    const message = requestSerialize(what)
    const prefix = Buffer.alloc(5)
    prefix.writeUInt32BE(message.length, 1)
    stream.end(Buffer.concat([prefix, message]))
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    await once(stream, 'close')
    return responseDeserialize(Buffer.concat(chunks).subarray(5))
  } finally {
    session.destroy()
  }
}

describe('a connection that something else accepted', () => {
  test('is served like those of the server itself, its limits included', async () => {
    await using running = await startIdentityServer(async () => response)
    await using door = await openDoor(running)
    using client = createIdentityClient({
      address: `127.0.0.1:${door.port}`,
      credentials: 'plaintext',
      maxRequestBytes: Number.MAX_SAFE_INTEGER,
    })
    expect(await client.certify(request)).toEqual(response)
    const huge = client.certify({ ...request, token: new Uint8Array(1_000_000) })
    expect(await errorOf(huge)).toMatchObject({ code: 'RPC_RESOURCE_EXHAUSTED' })
    expect(await client.certify(request)).toEqual(response)
    expect(running.finished).toHaveLength(2)

    const session = http2.connect(`http://127.0.0.1:${door.port}`)
    const [settings] = (await once(session, 'remoteSettings')) as [http2.Settings]
    expect(settings).toMatchObject({ maxConcurrentStreams: MAX_CONCURRENT_STREAMS })
    session.destroy()
  })

  test('that is silent is pinged, and dropped when it does not answer', async () => {
    await using running = await startIdentityServer(async () => response, {
      keepAliveTimeMs: 30,
      keepAliveTimeoutMs: 30,
    })
    await using door = await openDoor(running)
    const socket = net.connect(door.port, '127.0.0.1').resume()
    socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0')
    await once(socket, 'close')
  })

  test('is ended by the drain, its call in flight may finish', async () => {
    const arrived = deferred<void>()
    const goOn = deferred<void>()
    await using running = await startIdentityServer(async ({ identity }) => {
      if (identity !== '') return response
      arrived.resolve()
      await goOn.promise
      return response
    })
    await using door = await openDoor(running)
    using idle = clientOf(door.port)
    await idle.certify(request)
    const silent = net.connect(door.port, '127.0.0.1').resume()
    await once(silent, 'data')
    using client = clientOf(door.port)
    const call = client.certify({ ...request, identity: '' })
    await arrived.promise
    const drained = running.server.drain({ deadlineMs: 20_000 })
    await once(silent, 'close')
    goOn.resolve()
    expect(await call).toEqual(response)
    expect(await drained).toBe('drained')
  })

  test('is cut off by the drain at its deadline, and by forceShutdown', async () => {
    for (const end of ['drain', 'force'] as const) {
      const waiting = waitForAbort()
      await using running = await startIdentityServer(waiting.certify)
      await using door = await openDoor(running)
      using client = clientOf(door.port)
      const call = errorOf(client.certify(request))
      await waiting.called
      if (end === 'force') running.server.forceShutdown()
      else expect(await running.server.drain({ deadlineMs: 30 })).toBe('forced')
      expect(await call).toMatchObject({ code: 'RPC_UNAVAILABLE' })
      expect(await waiting.aborted).toMatchObject({ code: 'RPC_CANCELLED' })
    }
  })

  test('that comes after the end is destroyed', async () => {
    await using running = await startIdentityServer(async () => response)
    await using door = await openDoor(running)
    expect(await running.server.drain({ deadlineMs: 20_000 })).toBe('drained')
    const late = net.connect(door.port, '127.0.0.1').resume()
    await once(late, 'close')
  })

  test('that breaks in the middle of a call aborts that call and no other', async () => {
    const waiting = waitForAbort()
    await using running = await startIdentityServer((received, context) =>
      received.identity === '' ? waiting.certify(received, context) : Promise.resolve(response),
    )
    await using door = await openTlsDoor(running, [])
    const socket = net.connect(door.port, '127.0.0.1')
    const broken = tls.connect({ socket, rejectUnauthorized: false })
    const call = errorOf(certifyOver(broken, { ...request, identity: '' }))
    await waiting.called
    socket.resetAndDestroy()
    expect(await waiting.aborted).toMatchObject({ code: 'RPC_CANCELLED' })
    await call
    const connection = tls.connect({ port: door.port, rejectUnauthorized: false })
    expect(await certifyOver(connection)).toEqual(response)
  })
})

describe('a TLS connection', () => {
  test('without ALPN is taken to speak h2 at once, as linkerd2-proxy does (section 18)', async () => {
    await using running = await startIdentityServer(async () => response)
    await using door = await openTlsDoor(running, [])
    const connection = tls.connect({ port: door.port, rejectUnauthorized: false, minVersion: 'TLSv1.3' })
    expect(await certifyOver(connection)).toEqual(response)
    expect(running.finished).toMatchObject([
      { status: 'OK', peer: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as unknown },
    ])
  })

  test('that agreed on h2 is served', async () => {
    await using running = await startIdentityServer(async () => response)
    await using door = await openTlsDoor(running, ['h2'])
    const connection = tls.connect({ port: door.port, rejectUnauthorized: false, ALPNProtocols: ['h2'] })
    expect(await certifyOver(connection)).toEqual(response)
  })

  test('that agreed on something else is the mistake of the listener', async () => {
    await using running = await startIdentityServer(async () => response)
    await using door = await openTlsDoor(running, ['http/1.1', 'h2'])
    const connection = tls.connect({ port: door.port, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] })
    await once(connection.resume(), 'close')
    expect(door.refusals).toEqual([
      new TypeError('expected a TLS connection that agreed on h2 or on nothing, found http/1.1'),
    ])
  })
})
