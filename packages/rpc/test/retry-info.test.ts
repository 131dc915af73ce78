import { once } from 'node:events'
import http2 from 'node:http2'
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf'
import { anyPack, durationFromMs } from '@bufbuild/protobuf/wkt'
import { Code, ConnectError, createClient } from '@connectrpc/connect'
import { createGrpcTransport } from '@connectrpc/connect-node'
import { createIdentityClient, isRetryable, MAX_RETRY_AFTER_MS, RpcError } from '@meshid/rpc'
import { describe, expect, test } from 'vitest'
import { RetryInfoSchema } from '../src/generated/google/rpc/error_details_pb.ts'
import { StatusSchema } from '../src/generated/google/rpc/status_pb.ts'
import { Identity } from '../src/generated/io/linkerd/proxy/identity/identity_pb.ts'
import { request, startIdentityServer } from './identity-server.ts'

const errorOf = (call: Promise<unknown>) => call.then(() => undefined).catch((error: unknown) => error)

/** A server that refuses every call with these trailers, as no server of ours would. */
async function startRefusing(trailers: http2.OutgoingHttpHeaders) {
  const server = http2.createServer()
  server.on('stream', (stream) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...trailers }, { endStream: true })
    stream.on('error', () => undefined)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new Error('expected a TCP address')
  return { address: `127.0.0.1:${bound.port}`, [Symbol.dispose]: () => void server.close() }
}

const statusBytes = (status: MessageInitShape<typeof StatusSchema>) =>
  Buffer.from(toBinary(StatusSchema, create(StatusSchema, status))).toString('base64')
const retryInfo = (delayMs: number) =>
  anyPack(RetryInfoSchema, create(RetryInfoSchema, { retryDelay: durationFromMs(delayMs) }))

describe('how long to wait', () => {
  test.each([0, 1, 1500, MAX_RETRY_AFTER_MS])('travels from the handler to the client: %d ms', async (retryAfterMs) => {
    const refusal = new RpcError('RESOURCE_EXHAUSTED', 'too many: ü%', { retryAfterMs })
    await using running = await startIdentityServer(() => Promise.reject(refusal))
    using client = createIdentityClient({ address: running.address, credentials: 'plaintext' })
    const error = await errorOf(client.certify(request))
    expect(error).toMatchObject({ status: 'RESOURCE_EXHAUSTED', message: 'too many: ü%', retryAfterMs })
    expect(error instanceof RpcError && isRetryable(error)).toBe(true)
  })

  test('goes with any status, and is not there unless it was given', async () => {
    await using running = await startIdentityServer(({ identity }) =>
      Promise.reject(new RpcError('UNAVAILABLE', 'x', identity === '' ? {} : { retryAfterMs: 7 })),
    )
    using client = createIdentityClient({ address: running.address, credentials: 'plaintext' })
    expect(await errorOf(client.certify(request))).toMatchObject({ status: 'UNAVAILABLE', retryAfterMs: 7 })
    expect(await errorOf(client.certify({ ...request, identity: '' }))).toMatchObject({ retryAfterMs: undefined })
  })

  test('is a google.rpc.RetryInfo that others read: connect-node', async () => {
    const refusal = new RpcError('RESOURCE_EXHAUSTED', 'too many', { retryAfterMs: 1500 })
    await using running = await startIdentityServer(() => Promise.reject(refusal))
    const transport = createGrpcTransport({ baseUrl: `http://${running.address}` })
    const error = ConnectError.from(await errorOf(createClient(Identity, transport).certify(request)))
    expect(error).toMatchObject({ code: Code.ResourceExhausted, rawMessage: 'too many' })
    expect(error.findDetails(RetryInfoSchema)).toMatchObject([{ retryDelay: { seconds: 1n, nanos: 500_000_000 } }])
  })

  test.each<[string, MessageInitShape<typeof StatusSchema>, number | undefined]>([
    ['a wait', { code: 8, details: [retryInfo(20)] }, 20],
    ['a wait behind a detail of another kind', { code: 8, details: [{ typeUrl: 'a/b.C' }, retryInfo(20)] }, 20],
    ['no detail', { code: 8 }, undefined],
    [
      'a RetryInfo without a delay',
      { code: 8, details: [anyPack(RetryInfoSchema, create(RetryInfoSchema))] },
      undefined,
    ],
    ['a wait that is past', { code: 8, details: [retryInfo(-1)] }, undefined],
    ['a wait of a year', { code: 8, details: [retryInfo(365 * 86_400_000)] }, MAX_RETRY_AFTER_MS],
    ['the wait of another status', { code: 14, details: [retryInfo(20)] }, undefined],
  ])('from a foreign server: %s', async (_what, status, retryAfterMs) => {
    const trailers = { 'grpc-status': 8, 'grpc-message': 'x', 'grpc-status-details-bin': statusBytes(status) }
    using server = await startRefusing(trailers)
    using client = createIdentityClient({ address: server.address, credentials: 'plaintext' })
    const error = await errorOf(client.certify(request))
    expect(error).toMatchObject({ status: 'RESOURCE_EXHAUSTED', message: 'x', retryAfterMs })
  })

  test.each(['', 'AAAA', '////', 'CAgaAv8B'])('details that are none are no harm: %j', async (details) => {
    using server = await startRefusing({ 'grpc-status': 8, 'grpc-message': 'x', 'grpc-status-details-bin': details })
    using client = createIdentityClient({ address: server.address, credentials: 'plaintext' })
    const error = await errorOf(client.certify(request))
    expect(error).toMatchObject({ status: 'RESOURCE_EXHAUSTED', message: 'x', retryAfterMs: undefined })
  })

  test.each([-1, Number.NaN, Infinity, MAX_RETRY_AFTER_MS + 1])(
    'of %d ms is the mistake of the caller',
    (retryAfterMs) => {
      expect(() => new RpcError('UNAVAILABLE', 'x', { retryAfterMs })).toThrow(RangeError)
    },
  )
})

test('a server over its quota says when; a message over its limit never fits', () => {
  const message = 'larger than usual demand'
  expect(isRetryable(new RpcError('RESOURCE_EXHAUSTED', message, { retryAfterMs: 1 }))).toBe(true)
  expect(isRetryable(new RpcError('RESOURCE_EXHAUSTED', message))).toBe(false)
  expect(isRetryable(new RpcError('INVALID_ARGUMENT', message, { retryAfterMs: 1 }))).toBe(false)
})
