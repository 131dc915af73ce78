import { createGrpcJsRpcServer, createHttp2RpcServer, createIdentityService, RpcError } from '@meshid/rpc'
import { expect, test } from 'vitest'
import { createLoad } from '../src/http2-load.ts'
import { identityServiceDefinition } from '@meshid/rpc'

const { path, requestSerialize } = identityServiceDefinition.certify
const messageOf = (identity: string, tokenBytes = 900): Uint8Array =>
  requestSerialize({ identity, token: new Uint8Array(tokenBytes), certificateSigningRequest: new Uint8Array(400) })
const response = {
  leafCertificate: new Uint8Array(500),
  intermediateCertificates: [new Uint8Array(450)],
  validUntil: new Date('2026-11-22T00:00:00Z'),
}

const transports = [
  ['grpc-js', createGrpcJsRpcServer],
  ['node:http2', createHttp2RpcServer],
] as const

test.each(transports)(
  'on %s each call is answered once, and as many are under way as were asked for',
  async (_, create) => {
    const seen: string[] = []
    let open = 0
    let most = 0
    const service = createIdentityService({
      async certify({ identity, token }) {
        most = Math.max(most, ++open)
        seen.push(`${identity} ${token.length}`)
        await new Promise(setImmediate)
        open -= 1
        return response
      },
    })
    const server = create({ services: [service] })
    const load = await createLoad({ port: await server.listen('127.0.0.1:0'), path, connections: 3, atOnce: 4 })
    let sent = 0
    await load.run(500, () => messageOf(`call ${sent++}`))
    await load.run(1, () => messageOf('one more'))
    load.close()
    server.forceShutdown()
    expect(seen.toSorted()).toEqual(
      [...Array.from({ length: 500 }, (__, call) => `call ${call} 900`), 'one more 900'].toSorted(),
    )
    expect(most).toBeLessThanOrEqual(12)
    expect(most).toBeGreaterThan(1)
  },
)

test.each(transports)('on %s requests that fill the window wait for it', async (_, create) => {
  const server = create({ services: [createIdentityService({ certify: () => Promise.resolve(response) })] })
  const load = await createLoad({ port: await server.listen('127.0.0.1:0'), path, connections: 1, atOnce: 50 })
  await expect(load.run(200, () => messageOf('large', 12_000))).resolves.toBeUndefined()
  load.close()
  server.forceShutdown()
})

test.each(transports)('on %s a call that is refused fails the load', async (_, create) => {
  const certify = () => Promise.reject(new RpcError('UNAVAILABLE', 'not yet'))
  const server = create({ services: [createIdentityService({ certify })] })
  const load = await createLoad({ port: await server.listen('127.0.0.1:0'), path })
  await expect(load.run(4, () => messageOf('any'))).rejects.toThrow('found a refusal')
  load.close()
  server.forceShutdown()
})
