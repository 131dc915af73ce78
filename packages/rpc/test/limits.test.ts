import { createIdentityClient, isRetryable, MAX_REQUEST_BYTES, RpcError } from '@meshid/rpc'
import { describe, expect, test } from 'vitest'
import { deferred, request, response, startIdentityServer } from './identity-server.ts'

const megabyte = { ...request, certificateSigningRequest: new Uint8Array(1_000_000) }
const errorOf = (call: Promise<unknown>) => call.then(() => undefined).catch((error: unknown) => error)

describe('a request of a megabyte', () => {
  test('is refused by the server with RESOURCE_EXHAUSTED, and other calls on the connection go on', async () => {
    const arrived = deferred<void>()
    const goOn = deferred<void>()
    await using running = await startIdentityServer(async (received) => {
      if (received.identity === 'slow') {
        arrived.resolve()
        await goOn.promise
      }
      return response
    })
    const { address } = running
    using client = createIdentityClient({ address, credentials: 'plaintext', maxRequestBytes: Number.MAX_SAFE_INTEGER })
    const slow = client.certify({ ...request, identity: 'slow' })
    await arrived.promise
    const error = await errorOf(client.certify(megabyte))
    expect(error).toMatchObject({
      code: 'RPC_RESOURCE_EXHAUSTED',
      message: expect.stringMatching(/larger than max/) as unknown,
    })
    expect(error instanceof RpcError && isRetryable(error)).toBe(false)
    goOn.resolve()
    expect(await slow).toEqual(response)
    expect(await client.certify(request)).toEqual(response)
    expect(new Set(running.finished.map(({ peer }) => peer)).size).toBe(1)
  })

  test('is not even sent by a client', async () => {
    await using running = await startIdentityServer(async () => response)
    using client = createIdentityClient({ address: running.address, credentials: 'plaintext' })
    const error = await errorOf(client.certify(megabyte))
    expect(error).toMatchObject({ code: 'RPC_RESOURCE_EXHAUSTED', detail: { limit: MAX_REQUEST_BYTES } })
    expect(error instanceof RpcError && isRetryable(error)).toBe(false)
    expect(running.finished).toEqual([])
  })
})

test('a request of exactly the limit passes, of one byte more does not', async () => {
  await using running = await startIdentityServer(async () => response)
  using client = createIdentityClient({ address: running.address, credentials: 'plaintext' })
  const overhead = 4 // tag, and the length in three bytes
  const exact = {
    identity: '',
    token: new Uint8Array(),
    certificateSigningRequest: new Uint8Array(MAX_REQUEST_BYTES - overhead),
  }
  expect(await client.certify(exact)).toEqual(response)
  const over = { ...exact, certificateSigningRequest: new Uint8Array(MAX_REQUEST_BYTES - overhead + 1) }
  await expect(client.certify(over)).rejects.toMatchObject({ detail: { found: MAX_REQUEST_BYTES + 1 } })
})

test('a response over the limit of the client is RESOURCE_EXHAUSTED', async () => {
  await using running = await startIdentityServer(async () => ({ ...response, leafCertificate: new Uint8Array(5000) }))
  using client = createIdentityClient({ address: running.address, credentials: 'plaintext', maxResponseBytes: 4096 })
  await expect(client.certify(request)).rejects.toMatchObject({ code: 'RPC_RESOURCE_EXHAUSTED' })
})

test('a response over the limit of the server is RESOURCE_EXHAUSTED', async () => {
  const certify = async () => ({ ...response, leafCertificate: new Uint8Array(5000) })
  await using running = await startIdentityServer(certify, { maxResponseBytes: 4096 })
  using client = createIdentityClient({ address: running.address, credentials: 'plaintext' })
  await expect(client.certify(request)).rejects.toMatchObject({ code: 'RPC_RESOURCE_EXHAUSTED' })
})
