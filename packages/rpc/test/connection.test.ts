import { once } from 'node:events'
import net from 'node:net'
import { createIdentityClient, createIdentityService, isRetryable, RpcError } from '@meshid/rpc'
import { describe, expect, test } from 'vitest'
import { request, response, startIdentityServer, waitForAbort } from './identity-server.ts'
import { createServer } from './transport.ts'

const errorOf = (call: Promise<unknown>) => call.then(() => undefined).catch((error: unknown) => error)

describe('an identity server that is not there', () => {
  test.each(['unix:/nowhere/identity.sock', '127.0.0.1:1', 'nowhere.invalid:8080'])(
    'is UNAVAILABLE and worth a retry: %s',
    async (address) => {
      using client = createIdentityClient({ address, credentials: 'plaintext' })
      const error = await errorOf(client.certify(request))
      expect(error).toMatchObject({ code: 'RPC_UNAVAILABLE', cause: { code: 14 } })
      expect(error instanceof RpcError && isRetryable(error)).toBe(true)
    },
  )

  test('is found again by the same client when it comes', async () => {
    await using first = await startIdentityServer(async () => response)
    using client = createIdentityClient({ address: first.address, credentials: 'plaintext' })
    await client.certify(request)
    first.server.forceShutdown()
    let error: unknown
    while (error === undefined) error = await errorOf(client.certify(request, { deadlineMs: 5000 }))
    expect(error).toMatchObject({ code: 'RPC_UNAVAILABLE' })
    const second = createServer({ services: [createIdentityService({ certify: async () => response })] })
    await second.listen(first.address)
    try {
      await expect.poll(() => errorOf(client.certify(request)), { timeout: 5000 }).toBeUndefined()
    } finally {
      second.forceShutdown()
    }
  })
})

test('a connection that went dead without a word is noticed by a ping, long before the deadline (Q37)', async () => {
  const waiting = waitForAbort()
  await using running = await startIdentityServer(waiting.certify)
  const pipes: net.Socket[] = []
  const relay = net.createServer((near) => {
    const far = net.connect(running.socket)
    near.pipe(far).pipe(near)
    pipes.push(near, far)
    for (const pipe of [near, far]) pipe.on('error', () => undefined)
  })
  await once(relay.listen(0, '127.0.0.1'), 'listening')
  const address = relay.address()
  if (address === null || typeof address === 'string') throw new Error('expected a TCP address')
  using client = createIdentityClient({
    address: `127.0.0.1:${address.port}`,
    credentials: 'plaintext',
    deadlineMs: 60_000,
    keepAliveTimeMs: 50,
    keepAliveTimeoutMs: 50,
  })
  const call = errorOf(client.certify(request))
  await waiting.called
  for (const pipe of pipes) pipe.unpipe().pause()
  expect(await call).toMatchObject({ code: 'RPC_UNAVAILABLE' })
  for (const pipe of pipes) pipe.destroy()
  relay.close()
})

describe('a client', () => {
  test('refuses to call with a signal that is aborted already', async () => {
    await using running = await startIdentityServer(async () => response)
    using client = createIdentityClient({ address: running.address, credentials: 'plaintext' })
    const reason = new Error('too late')
    await expect(client.certify(request, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(running.finished).toEqual([])
  })

  test('that is closed refuses calls', async () => {
    const client = createIdentityClient({ address: '127.0.0.1:1', credentials: 'plaintext' })
    client.close()
    await expect(client.certify(request)).rejects.toMatchObject({
      code: 'RPC_CANCELLED',
      message: 'the client is closed',
    })
  })

  test('needs an address', () => {
    expect(() => createIdentityClient({ address: '', credentials: 'plaintext' })).toThrow(TypeError)
  })

  test('leaves no listener on the signal of a finished call', async () => {
    await using running = await startIdentityServer(async () => response)
    using client = createIdentityClient({ address: running.address, credentials: 'plaintext' })
    const { signal } = new AbortController()
    const counts = { added: 0, removed: 0 }
    const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)]
    signal.addEventListener = (...call: Parameters<typeof add>) => (counts.added++, add(...call))
    signal.removeEventListener = (...call: Parameters<typeof remove>) => (counts.removed++, remove(...call))
    await client.certify(request, { signal })
    expect(counts).toEqual({ added: 1, removed: 1 })
  })
})

test('an address in use is a coded error with the reason as its cause', async () => {
  await using running = await startIdentityServer(async () => response)
  const other = createServer({ services: [] })
  const error = await errorOf(other.listen(running.address))
  expect(error).toMatchObject({
    code: 'RPC_UNAVAILABLE',
    message: expect.stringMatching(/^cannot listen on 127\.0\.0\.1:\d+: .*EADDRINUSE/) as unknown,
  })
})
