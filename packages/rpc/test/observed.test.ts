import { createIdentityClient, type EndedCall, RpcError } from '@meshid/rpc'
import { expect, test } from 'vitest'
import { request, response, startIdentityServer, waitForAbort } from './identity-server.ts'

const path = '/io.linkerd.proxy.identity.Identity/Certify'

/** An observer that keeps what it is told. */
function keep() {
  const begun: string[] = []
  const ended: EndedCall[] = []
  return {
    begun,
    ended,
    observer: { started: (name: string) => void begun.push(name), ended: (call: EndedCall) => void ended.push(call) },
  }
}

test('an observer is told of every call: answered, refused, too large, given up', async () => {
  const { begun, ended, observer } = keep()
  const waiting = waitForAbort()
  await using running = await startIdentityServer(
    (received, context) => {
      if (received.identity === 'wait') return waiting.certify(received, context)
      if (received.identity === '') return Promise.reject(new RpcError('INVALID_ARGUMENT', 'missing identity'))
      return Promise.resolve(response)
    },
    { observer },
  )
  const { address } = running
  using client = createIdentityClient({ address, credentials: 'plaintext', maxRequestBytes: Number.MAX_SAFE_INTEGER })
  const errorOf = (call: Promise<unknown>) => call.then(() => undefined).catch((error: unknown) => error)

  await client.certify(request)
  await errorOf(client.certify({ ...request, identity: '' }))
  await errorOf(client.certify({ ...request, token: new Uint8Array(1_000_000) }))
  const controller = new AbortController()
  const call = errorOf(client.certify({ ...request, identity: 'wait' }, { signal: controller.signal }))
  await waiting.called
  controller.abort()
  await call

  await expect.poll(() => ended.length).toBe(4)
  expect(begun).toEqual([path, path, path, path])
  expect(ended).toMatchObject([
    { path, status: 'OK', answered: true, messages: { received: 1, sent: 1 } },
    { path, status: 'INVALID_ARGUMENT', message: 'missing identity', answered: true, messages: { sent: 0 } },
    { path, status: 'RESOURCE_EXHAUSTED', answered: false, messages: { received: 0, sent: 0 } },
    { path, status: 'CANCELLED', message: 'given up by the caller', answered: false },
  ])
  for (const { durationMs } of ended) expect(durationMs).toBeGreaterThanOrEqual(0)
})
