import http2 from 'node:http2'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Code, ConnectError, createClient } from '@connectrpc/connect'
import { connectNodeAdapter, createGrpcTransport } from '@connectrpc/connect-node'
import { createHealthService, createIdentityClient, RpcError } from '@meshid/rpc'
import { describe, expect, test } from 'vitest'
import { Health, HealthCheckResponse_ServingStatus } from '../src/generated/grpc/health/v1/health_pb.ts'
import { Identity } from '../src/generated/io/linkerd/proxy/identity/identity_pb.ts'
import {
  deferred,
  request,
  response,
  type RunningServer,
  startIdentityServer,
  waitForAbort,
} from './identity-server.ts'

const wireResponse = {
  leafCertificate: response.leafCertificate,
  intermediateCertificates: [...response.intermediateCertificates],
  validUntil: { seconds: BigInt(Date.parse('2026-11-22T10:20:30Z') / 1000), nanos: 456_000_000 },
}

function connectTransport({ socket }: RunningServer) {
  const nodeOptions = { createConnection: () => net.connect(socket) }
  return createGrpcTransport({ baseUrl: 'http://identity', nodeOptions })
}

type ConnectCertify = (request: unknown, context: { signal: AbortSignal }) => Promise<typeof wireResponse>

/** A connect-node server of the same service, by TCP or unix socket. */
async function startConnectServer(certify: ConnectCertify, unix: boolean) {
  const handler = connectNodeAdapter({
    grpcWeb: false,
    connect: false,
    routes: (router) => void router.service(Identity, { certify }),
  })
  const server = http2.createServer(handler)
  const folder = await mkdtemp(join(tmpdir(), 'meshid-connect-'))
  const path = join(folder, 's.sock')
  await once(unix ? server.listen(path) : server.listen(0, '127.0.0.1'), 'listening')
  const bound = server.address()
  const address = typeof bound === 'string' || bound === null ? `unix:${path}` : `127.0.0.1:${bound.port}`
  return {
    address,
    async [Symbol.asyncDispose]() {
      server.close()
      await rm(folder, { recursive: true })
    },
  }
}

describe.each([
  { name: 'TCP h2c', unix: false },
  { name: 'a unix socket', unix: true },
])('connect-node over $name', ({ unix }) => {
  test('as the client of our server: a certificate', async () => {
    const seen: unknown[] = []
    const certify = async (received: unknown) => {
      seen.push(received)
      return response
    }
    await using running = await startIdentityServer(certify, { unix })
    const answer = await createClient(Identity, connectTransport(running)).certify(request)
    expect(answer).toMatchObject(wireResponse)
    expect(seen).toEqual([request])
  })

  test('as the client of our server: status and message, cancel, deadline, a megabyte', async () => {
    const waiting = waitForAbort()
    await using running = await startIdentityServer(
      (received, context) =>
        received.identity === 'wait'
          ? waiting.certify(received, context)
          : Promise.reject(new RpcError('FAILED_PRECONDITION', 'invalid CommonName: ü%')),
      { unix },
    )
    const client = createClient(Identity, connectTransport(running))
    const codeOf = (call: Promise<unknown>) =>
      call.then(() => undefined).catch((error: unknown) => ConnectError.from(error))
    expect(await codeOf(client.certify(request))).toMatchObject({
      code: Code.FailedPrecondition,
      rawMessage: 'invalid CommonName: ü%',
    })
    const controller = new AbortController()
    const cancelled = codeOf(client.certify({ ...request, identity: 'wait' }, { signal: controller.signal }))
    await waiting.called
    controller.abort()
    expect(await cancelled).toMatchObject({ code: Code.Canceled })
    expect(await waiting.aborted).toMatchObject({ code: 'RPC_CANCELLED' })
    const late = client.certify({ ...request, identity: 'wait' }, { timeoutMs: 50 })
    expect(await codeOf(late)).toMatchObject({ code: Code.DeadlineExceeded })
    const huge = client.certify({ ...request, certificateSigningRequest: new Uint8Array(1_000_000) })
    expect(await codeOf(huge)).toMatchObject({ code: Code.ResourceExhausted })
    expect(await codeOf(client.certify(request))).toMatchObject({ code: Code.FailedPrecondition })
  })

  test('as the server of our client: a certificate, a status, a cancel, a deadline', async () => {
    const arrived = deferred<void>()
    const aborted = deferred<void>()
    await using running = await startConnectServer(async (received, context) => {
      const { identity } = received as typeof request
      if (identity === 'refuse') throw new ConnectError('missing token', Code.InvalidArgument)
      if (identity !== 'wait') return wireResponse
      arrived.resolve()
      await once(context.signal, 'abort')
      aborted.resolve()
      throw new ConnectError('aborted', Code.Aborted)
    }, unix)
    using client = createIdentityClient({ address: running.address, credentials: 'plaintext' })
    expect(await client.certify(request)).toEqual(response)
    await expect(client.certify({ ...request, identity: 'refuse' })).rejects.toMatchObject({
      code: 'RPC_INVALID_ARGUMENT',
      message: 'missing token',
    })
    const controller = new AbortController()
    const call = client.certify({ ...request, identity: 'wait' }, { signal: controller.signal })
    await arrived.promise
    controller.abort('enough')
    await expect(call).rejects.toBe('enough')
    await aborted.promise
    const late = client.certify({ ...request, identity: 'wait' }, { deadlineMs: 50 })
    await expect(late).rejects.toMatchObject({ code: 'RPC_DEADLINE_EXCEEDED' })
  })

  test('as the server that answers without valid_until: RPC_INTERNAL', async () => {
    const { validUntil: _left, ...incomplete } = wireResponse
    await using running = await startConnectServer(async () => incomplete as typeof wireResponse, unix)
    using client = createIdentityClient({ address: running.address, credentials: 'plaintext' })
    await expect(client.certify(request)).rejects.toMatchObject({
      code: 'RPC_INTERNAL',
      message: expect.stringMatching(/valid_until/) as unknown,
    })
  })

  test('asks and watches our health service', async () => {
    const health = createHealthService({ services: [''] })
    await using running = await startIdentityServer(async () => response, { unix, services: [health] })
    const client = createClient(Health, connectTransport(running))
    const { NOT_SERVING, SERVING } = HealthCheckResponse_ServingStatus
    expect(await client.check({ service: '' })).toMatchObject({ status: NOT_SERVING })
    const seen: number[] = []
    const watching = async () => {
      for await (const { status } of client.watch({ service: '' })) {
        seen.push(status)
        if (status === NOT_SERVING) health.set('', 'SERVING')
        else health.close()
        if (seen.length === 3) break
      }
    }
    await watching()
    expect(seen).toEqual([NOT_SERVING, SERVING, NOT_SERVING])
  })
})
