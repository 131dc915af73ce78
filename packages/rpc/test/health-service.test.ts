import { Client, type ClientReadableStream, credentials } from '@grpc/grpc-js'
import { createHealthService, healthServiceDefinition, type HealthStatus, type TransportServer } from '@meshid/rpc'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createServer } from './transport.ts'

const { check, watch } = healthServiceDefinition

describe('the health service', () => {
  const health = () => createHealthService({ services: ['', 'io.linkerd.proxy.identity.Identity'] })
  let service: ReturnType<typeof health>
  let server: TransportServer
  let client: Client

  beforeEach(async () => {
    service = health()
    server = createServer({ services: [service] })
    const port = await server.listen('127.0.0.1:0')
    client = new Client(`127.0.0.1:${port}`, credentials.createInsecure())
  })
  afterEach(() => {
    client.close()
    server.forceShutdown()
  })

  const ask = (name: string) =>
    new Promise<HealthStatus | undefined>((resolve, reject) => {
      const { path, requestSerialize, responseDeserialize } = check
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, { service: name }, (error, status) =>
        error === null ? resolve(status) : reject(error),
      )
    })
  const observe = (name: string): ClientReadableStream<HealthStatus> =>
    client.makeServerStreamRequest(watch.path, watch.requestSerialize, watch.responseDeserialize, { service: name })

  test('starts NOT_SERVING, per service', async () => {
    service.set('', 'SERVING')
    expect(await ask('')).toBe('SERVING')
    expect(await ask('io.linkerd.proxy.identity.Identity')).toBe('NOT_SERVING')
  })

  test('answers NOT_FOUND for a service that it does not know', async () => {
    await expect(ask('other.Service')).rejects.toMatchObject({ code: 5, details: 'unknown service' })
  })

  test('watch tells the status now and each change, once', async () => {
    const stream = observe('')
    const seen = stream[Symbol.asyncIterator]() as AsyncIterator<HealthStatus>
    expect((await seen.next()).value).toBe('NOT_SERVING')
    service.set('', 'SERVING')
    service.set('', 'SERVING')
    service.set('io.linkerd.proxy.identity.Identity', 'SERVING')
    service.set('', 'NOT_SERVING')
    expect((await seen.next()).value).toBe('SERVING')
    expect((await seen.next()).value).toBe('NOT_SERVING')
    stream.on('error', () => undefined)
    stream.cancel()
  })

  test('watch of an unknown service says so and learns when it appears', async () => {
    const stream = observe('new.Service')
    const seen = stream[Symbol.asyncIterator]() as AsyncIterator<HealthStatus>
    expect((await seen.next()).value).toBe('SERVICE_UNKNOWN')
    service.set('new.Service', 'SERVING')
    expect((await seen.next()).value).toBe('SERVING')
    stream.on('error', () => undefined)
    stream.cancel()
  })

  test('is NOT_SERVING for good once closed, and ends watches', async () => {
    service.set('', 'SERVING')
    service.close()
    service.set('', 'SERVING')
    expect(await ask('')).toBe('NOT_SERVING')
    const seen: HealthStatus[] = []
    const ended = await new Promise((resolve) => {
      observe('')
        .on('data', (status: HealthStatus) => seen.push(status))
        .on('error', resolve)
    })
    expect(ended).toMatchObject({ code: 14 })
    expect(seen).toEqual(['NOT_SERVING'])
  })
})
