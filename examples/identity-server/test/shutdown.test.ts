import { createIdentityClient } from '@meshid/rpc'
import { describe, expect, test, vi } from 'vitest'
import { environmentOf, flagsFor, startProcess, startServer } from './server-process.ts'
import { createWorld, goodRequest } from './world.ts'

vi.setConfig({ testTimeout: 30_000 })

describe('the end', () => {
  test.each([
    { signal: 'SIGTERM', transport: 'http2' },
    { signal: 'SIGINT', transport: 'http2' },
    { signal: 'SIGTERM', transport: 'grpc-js' },
  ] as const)(
    '$signal, $transport: a call in flight gets its certificate, new ones are refused, status 0',
    async ({ signal, transport }) => {
      await using world = await createWorld()
      await using server = await startServer(world, [`--transport=${transport}`])
      const request = await goodRequest(world)
      world.api.setLatency(1000)
      const call = server.certify(request)
      await server.log.next(/^Validating token for /)
      server.signal(signal)
      await server.log.next(/^shutting down gRPC server on 127\.0\.0\.1:\d+$/)

      expect(await server.get('/ready')).toEqual({ status: 503, body: 'not ready\nshutting down\n' })
      using late = createIdentityClient({ address: `127.0.0.1:${server.grpcPort}`, credentials: 'plaintext' })
      await expect(late.certify(request)).rejects.toMatchObject({ status: 'UNAVAILABLE' })

      expect((await call).leafCertificate.length).toBeGreaterThan(300)
      expect(await server.ended).toBe(0)
      expect(server.log.texts.at(-1)).toContain('issued certificate for')
    },
  )

  test('an idle server with open connections ends at once', async () => {
    await using world = await createWorld()
    await using server = await startServer(world)
    await server.certify(await goodRequest(world))
    server.signal('SIGTERM')
    expect(await server.ended).toBe(0)
  })

  test('SIGTERM while it still starts: status 0, and nothing fatal', async () => {
    await using world = await createWorld()
    world.api.hangNext(1)
    await using process = startProcess(flagsFor(world), environmentOf(world))
    await process.log.next(/^Using k8s client/)
    const ready = await process.get('/ready')
    expect(ready).toEqual({ status: 503, body: 'not ready\nstarting\n' })
    process.signal('SIGTERM')
    expect(await process.ended).toBe(0)
    expect(process.log.texts.join('\n')).not.toContain('fatal')
  })
})
