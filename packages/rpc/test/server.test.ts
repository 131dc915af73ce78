import { type ServerInterceptor, ServerInterceptingCall, ServerListenerBuilder } from '@grpc/grpc-js'
import { createIdentityClient, createIdentityService, createRpcServer, listenServer } from '@meshid/rpc'
import { expect, test } from 'vitest'
import { request, response } from './identity-server.ts'

test('interceptors see calls that never reach a handler: begun, and ended without a status of theirs', async () => {
  const seen: string[] = []
  const interceptor: ServerInterceptor = (method, call) => {
    seen.push(method.path)
    const listener = new ServerListenerBuilder().withOnCancel(() => seen.push('ended')).build()
    return new ServerInterceptingCall(call, {
      start: (next) => next(listener),
      sendStatus: (status, next) => {
        seen.push(`status ${status.code}`)
        next(status)
      },
    })
  }
  const services = [createIdentityService({ certify: async () => response })]
  const server = createRpcServer({ services, interceptors: [interceptor] })
  const port = await listenServer(server, { address: '127.0.0.1:0', credentials: 'plaintext' })
  using client = createIdentityClient({ address: `127.0.0.1:${port}`, credentials: 'plaintext', maxRequestBytes: 1e8 })
  await client.certify(request)
  const path = '/io.linkerd.proxy.identity.Identity/Certify'
  await expect.poll(() => seen).toEqual([path, 'status 0', 'ended'])
  const huge = client.certify({ ...request, token: new Uint8Array(1_000_000) })
  await expect(huge).rejects.toMatchObject({ code: 'RPC_RESOURCE_EXHAUSTED' })
  await expect.poll(() => seen.slice(3)).toEqual([path, 'ended'])
  server.forceShutdown()
})
