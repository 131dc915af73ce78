import { createHealthService, createIdentityClient } from '@meshid/rpc'
import { describe, expect, test } from 'vitest'
import { deferred, request, response, startIdentityServer, waitForAbort } from './identity-server.ts'

const errorOf = (call: Promise<unknown>) => call.then(() => undefined).catch((error: unknown) => error)

describe('a drain', () => {
  test('lets a call in flight finish and refuses new ones', async () => {
    const arrived = deferred<void>()
    const goOn = deferred<void>()
    await using running = await startIdentityServer(async () => {
      arrived.resolve()
      await goOn.promise
      return response
    })
    using client = createIdentityClient({ address: running.address, credentials: 'plaintext' })
    const call = client.certify(request)
    await arrived.promise
    const drained = running.server.drain({ deadlineMs: 20_000 })
    using late = createIdentityClient({ address: running.address, credentials: 'plaintext' })
    expect(await errorOf(late.certify(request))).toMatchObject({ code: 'RPC_UNAVAILABLE' })
    goOn.resolve()
    expect(await call).toEqual(response)
    expect(await drained).toBe('drained')
  })

  test('cuts calls off at the deadline: handlers abort, callers may retry', async () => {
    const waiting = waitForAbort()
    await using running = await startIdentityServer(waiting.certify)
    using client = createIdentityClient({ address: running.address, credentials: 'plaintext', deadlineMs: 60_000 })
    const call = errorOf(client.certify(request))
    await waiting.called
    expect(await running.server.drain({ deadlineMs: 30 })).toBe('forced')
    expect(await call).toMatchObject({ code: 'RPC_UNAVAILABLE' })
    expect(await waiting.aborted).toMatchObject({ code: 'RPC_CANCELLED' })
  })

  test('of an idle server with open connections is done at once', async () => {
    await using running = await startIdentityServer(async () => response)
    using client = createIdentityClient({ address: running.address, credentials: 'plaintext' })
    await client.certify(request)
    expect(await running.server.drain({ deadlineMs: 20_000 })).toBe('drained')
  })

  test('tells health first, so that open watches do not hold it up', async () => {
    const health = createHealthService({ services: [''] })
    health.set('', 'SERVING')
    await using running = await startIdentityServer(async () => response, { services: [health] })
    const { Client, credentials } = await import('@grpc/grpc-js')
    const client = new Client(running.address, credentials.createInsecure())
    const { path, requestSerialize, responseDeserialize } = health.definition.watch
    const watch = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, { service: '' })
    const seen: unknown[] = []
    const ended = deferred<unknown>()
    const first = deferred<void>()
    watch.on('data', (status: unknown) => {
      seen.push(status)
      first.resolve()
    })
    watch.on('error', ended.resolve)
    await first.promise
    expect(await running.server.drain({ deadlineMs: 20_000, health })).toBe('drained')
    expect(await ended.promise).toMatchObject({ code: 14 })
    expect(seen).toEqual(['SERVING', 'NOT_SERVING'])
    client.close()
  })
})
