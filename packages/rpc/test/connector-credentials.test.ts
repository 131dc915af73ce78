import { once } from 'node:events'
import type { Socket } from 'node:net'
import tls from 'node:tls'
import { createConnectorCredentials, createIdentityClient } from '@meshid/rpc'
import { expect, test } from 'vitest'
import { request, response, startIdentityServer } from './identity-server.ts'
import { openTlsDoor } from './injected.ts'

const DEADLINE_MS = 20_000

/** TLS that asks for no ALPN and believes anybody. */
async function trusting(socket: Socket): Promise<tls.TLSSocket> {
  const secured = tls.connect({ socket, rejectUnauthorized: false })
  await once(secured, 'secureConnect')
  return secured
}

test('each new connection is secured by the given function, and HTTP/2 is spoken without ALPN', async () => {
  await using running = await startIdentityServer(async () => response)
  await using door = await openTlsDoor(running, [])
  let secured = 0
  const credentials = createConnectorCredentials((socket) => {
    secured += 1
    return trusting(socket)
  })
  for (const count of [1, 2]) {
    using client = createIdentityClient({ address: `127.0.0.1:${door.port}`, credentials, deadlineMs: DEADLINE_MS })
    expect(await client.certify(request)).toEqual(response)
    expect(await client.certify(request)).toEqual(response)
    expect(secured).toBe(count)
  }
})

test('what it rejects with is told by RPC_UNAVAILABLE, and nothing is sent', async () => {
  await using running = await startIdentityServer(async () => response)
  await using door = await openTlsDoor(running, [])
  const credentials = createConnectorCredentials(async (socket) => {
    socket.destroy()
    throw new Error('not whom we expected')
  })
  using client = createIdentityClient({ address: `127.0.0.1:${door.port}`, credentials, deadlineMs: DEADLINE_MS })
  await expect(client.certify(request)).rejects.toMatchObject({
    code: 'RPC_UNAVAILABLE',
    message: expect.stringContaining('not whom we expected'),
  })
  expect(running.finished).toEqual([])
})

test('after a connection that was refused, the next call is secured anew', async () => {
  await using running = await startIdentityServer(async () => response)
  await using door = await openTlsDoor(running, [])
  const state = { isGood: false }
  const credentials = createConnectorCredentials((socket) => {
    if (state.isGood) return trusting(socket)
    socket.destroy()
    return Promise.reject(new Error('not yet'))
  })
  using client = createIdentityClient({ address: `127.0.0.1:${door.port}`, credentials, deadlineMs: DEADLINE_MS })
  await expect(client.certify(request)).rejects.toMatchObject({ code: 'RPC_UNAVAILABLE' })
  state.isGood = true
  await expect
    .poll(() => client.certify(request).catch(({ code }: { code: string }) => code), { timeout: DEADLINE_MS })
    .toEqual(response)
})
