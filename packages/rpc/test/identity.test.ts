import {
  type CallContext,
  createIdentityClient,
  createIdentityService,
  INTERNAL_ERROR_MESSAGE,
  RpcError,
  type RpcStatus,
  rpcStatusNumbers,
} from '@meshid/rpc'
import { describe, expect, test } from 'vitest'
import { request, response, startIdentityServer, waitForAbort } from './identity-server.ts'
import { createServer } from './transport.ts'

const clientOf = (address: string) => createIdentityClient({ address, credentials: 'plaintext' })
const path = '/io.linkerd.proxy.identity.Identity/Certify'

describe.each([
  { name: 'TCP', unix: false },
  { name: 'a unix socket', unix: true },
])('certify over $name', ({ unix }) => {
  test('passes request and response through unchanged', async () => {
    const seen: unknown[] = []
    const certify = async (...call: unknown[]) => {
      seen.push(call[0])
      return response
    }
    await using running = await startIdentityServer(certify, { unix })
    using client = clientOf(running.address)
    expect(await client.certify(request)).toEqual(response)
    expect(seen).toEqual([request])
    expect(running.finished).toMatchObject([{ method: path, status: 'OK' }])
  })

  test('passes a cancel through: signal.reason untouched here, RPC_CANCELLED at the handler', async () => {
    const waiting = waitForAbort()
    await using running = await startIdentityServer(waiting.certify, { unix })
    using client = clientOf(running.address)
    const controller = new AbortController()
    const call = client.certify(request, { signal: controller.signal })
    await waiting.called
    const reason = { mine: true }
    controller.abort(reason)
    await expect(call).rejects.toBe(reason)
    expect(await waiting.aborted).toMatchObject({ name: 'RpcError', code: 'RPC_CANCELLED' })
  })

  test('ends a call at its deadline, and the handler is told to stop (Q37)', async () => {
    const waiting = waitForAbort()
    await using running = await startIdentityServer(
      (received, context) =>
        received.identity === '' ? Promise.resolve(response) : waiting.certify(received, context),
      { unix },
    )
    using client = clientOf(running.address)
    await client.certify({ ...request, identity: '' }) // connecting is no part of this deadline
    await expect(client.certify(request, { deadlineMs: 250 })).rejects.toMatchObject({ code: 'RPC_DEADLINE_EXCEEDED' })
    // Whichever end's clock is first: the client resets the stream at its deadline, which the server knows as a cancel.
    // What the server's own clock says is in wire.test.ts, where the caller never resets.
    expect(await waiting.aborted).toMatchObject({
      name: 'RpcError',
      code: expect.stringMatching(/^RPC_(DEADLINE_EXCEEDED|CANCELLED)$/),
    })
  })
})

describe('a handler', () => {
  test.each(Object.keys(rpcStatusNumbers) as RpcStatus[])('chooses status %s and its message', async (status) => {
    const message = `requested=a%b; found=ü "${status}" \n/`
    await using running = await startIdentityServer(() => Promise.reject(new RpcError(status, message)))
    using client = clientOf(running.address)
    const error = await client.certify(request).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(RpcError)
    const expected =
      status === 'CANCELLED'
        ? { status: 'UNAVAILABLE', message: `the server cut the call off: requested=a%b; found=ü "CANCELLED"  /` }
        : { status, statusNumber: rpcStatusNumbers[status], message: message.replace('\n', ' ') }
    expect(error).toMatchObject(expected)
    expect(running.finished).toMatchObject([{ status, error: { status } }])
  })

  test.each([
    ['throws something else', () => Promise.reject(new Error('secret path /etc/keys'))],
    ['throws no error at all', () => Promise.reject('secret')],
    ['throws before it is a promise', () => failNow()],
    ['answers with an impossible date', async () => ({ ...response, validUntil: new Date(Number.NaN) })],
  ] as const)('that %s is INTERNAL with a fixed message, and the observer hears why', async (_what, certify) => {
    await using running = await startIdentityServer(certify)
    using client = clientOf(running.address)
    await expect(client.certify(request)).rejects.toMatchObject({
      code: 'RPC_INTERNAL',
      message: INTERNAL_ERROR_MESSAGE,
    })
    expect(running.finished).toHaveLength(1)
    expect(running.finished[0]).toMatchObject({ status: 'INTERNAL' })
    expect(String(running.finished[0]?.error)).toMatch(/secret|expected a valid Date/)
  })

  test('learns who is calling and by which name', async () => {
    const contexts: CallContext[] = []
    await using running = await startIdentityServer(async (_request, context) => {
      contexts.push(context)
      return response
    })
    const authority = 'linkerd-identity.linkerd.svc.cluster.local.:8080'
    using client = createIdentityClient({ address: running.address, credentials: 'plaintext', authority })
    await client.certify(request)
    expect(contexts).toHaveLength(1)
    expect(contexts[0]?.authority).toBe(authority)
    expect(contexts[0]?.peer).toMatch(/^127\.0\.0\.1:\d+$/)
    expect(contexts[0]?.signal.aborted).toBe(false)
  })

  test('does not suffer from an observer that throws', async () => {
    const service = createIdentityService({
      certify: async () => response,
      observer: {
        finished: () => {
          throw new Error('observer')
        },
      },
    })
    const server = createServer({ services: [service] })
    const port = await server.listen('127.0.0.1:0')
    using client = clientOf(`127.0.0.1:${port}`)
    expect(await client.certify(request)).toEqual(response)
    expect(await client.certify(request)).toEqual(response)
    server.forceShutdown()
  })
})

function failNow(): never {
  throw new TypeError('secret: not a promise')
}
