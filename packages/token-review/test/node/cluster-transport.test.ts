import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { getEventListeners, once } from 'node:events'
import { startKubernetesApi } from '@meshid/testkit'
import { createKubernetesReviewer, type KubernetesRequest } from '@meshid/token-review'
import { createClusterTransport } from '@meshid/token-review/node'
import { describe, expect, it, vi } from 'vitest'
import { failure } from '../failure.ts'
import { startTestCluster } from './cluster.ts'

const jwks: KubernetesRequest = { method: 'GET', path: '/openid/v1/jwks' }
const web = { namespace: 'emojivoto', name: 'web' }

describe('createClusterTransport', () => {
  it('keeps its connections: many calls, one after the other, use one', async () => {
    await using cluster = await startTestCluster()
    const ports = new Set<number | undefined>()
    cluster.api.answerNext(5, ({ socket }, response) => {
      ports.add(socket.remotePort)
      response.end('{}')
    })
    for (let call = 0; call < 5; call += 1) await cluster.transport.request(jwks)
    expect(ports.size).toBe(1)
  })

  it('reports each request with its URL, status and duration, and nothing of its content', async () => {
    await using cluster = await startTestCluster()
    const { api, transport, reports } = cluster
    await createKubernetesReviewer({ transport }).review(await api.createToken(web))
    const url = `https://127.0.0.1:${api.port}/apis/authentication.k8s.io/v1/tokenreviews`
    expect(reports).toEqual([{ method: 'POST', url, status: 201, durationMs: expect.any(Number), error: undefined }])
    expect(reports[0]?.durationMs).toBeGreaterThan(0)
  })

  it('reaches a server by its IPv6 address', async () => {
    await using cluster = await startTestCluster({ api: { host: '::1' } })
    expect((await cluster.transport.request(jwks)).status).toBe(200)
    expect(cluster.reports[0]?.url).toBe(`https://[::1]:${cluster.api.port}/openid/v1/jwks`)
  })

  it('reads its token again for each call, and takes a final newline for none', async () => {
    await using cluster = await startTestCluster()
    const { api, transport, tokenFile } = cluster
    await writeFile(tokenFile, 'stale')
    expect((await transport.request(jwks)).status).toBe(401)
    await writeFile(tokenFile, `${api.callerToken}\n`)
    expect((await transport.request(jwks)).status).toBe(200)
  })

  it('reads its CA again too, and never uses an old connection under a new CA', async () => {
    await using cluster = await startTestCluster()
    await using foreign = await startKubernetesApi()
    const { api, transport, caFile } = cluster
    expect((await transport.request(jwks)).status).toBe(200)
    await writeFile(caFile, foreign.caPem)
    expect(await failure(transport.request(jwks))).toMatchObject({
      code: 'TOKEN_REVIEW_UNREACHABLE',
      cause: { code: expect.stringMatching(/CERT|SIGNATURE/) },
    })
    await writeFile(caFile, api.caPem)
    expect((await transport.request(jwks)).status).toBe(200)
  })

  it('is not talked out of checking the certificate by the environment', async () => {
    await using cluster = await startTestCluster()
    await using foreign = await startKubernetesApi()
    await writeFile(cluster.caFile, foreign.caPem)
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
    const error = await failure(cluster.transport.request(jwks)).finally(() => vi.unstubAllEnvs())
    expect(error).toMatchObject({ code: 'TOKEN_REVIEW_UNREACHABLE' })
    expect(cluster.api.requestCount()).toBe(0)
  })

  it.each([
    ['an empty CA file', 'caFile', ''],
    ['an empty token file', 'tokenFile', ' \n'],
    ['a token of two lines', 'tokenFile', 'a\nb'],
  ] as const)('refuses %s before it connects', async (_, file, content) => {
    await using cluster = await startTestCluster()
    await writeFile(cluster[file], content)
    const error = await failure(cluster.transport.request(jwks))
    expect(error).toMatchObject({ code: 'TOKEN_REVIEW_CREDENTIALS_UNREADABLE' })
    expect(error.message).toContain(cluster[file])
    expect(cluster.api.requestCount()).toBe(0)
  })

  it('refuses files that are not there', async () => {
    const files = { caFile: '/nowhere/ca.crt', tokenFile: '/nowhere/token' }
    using transport = createClusterTransport({ host: 'localhost', port: 1, ...files })
    expect(await failure(transport.request(jwks))).toMatchObject({
      code: 'TOKEN_REVIEW_CREDENTIALS_UNREADABLE',
      detail: { found: 'no such file' },
    })
  })

  it('refuses options that are out of range', () => {
    const options = { host: 'localhost', port: 443, caFile: 'ca.crt', tokenFile: 'token' }
    for (const wrong of [
      { port: 0 },
      { port: 65_536 },
      { timeoutMs: 0 },
      { timeoutMs: 1.5 },
      { maxResponseBytes: -1 },
    ]) {
      expect(() => createClusterTransport({ ...options, ...wrong })).toThrow(RangeError)
    }
  })
})

describe('an answer', () => {
  it('that redirects is not followed, so the token goes nowhere else', async () => {
    await using cluster = await startTestCluster()
    await using other = await startKubernetesApi()
    cluster.api.answerNext(2, (_, response) => {
      response.writeHead(307, { location: `${other.baseUrl}/apis/authentication.k8s.io/v1/tokenreviews` }).end()
    })
    expect(await cluster.transport.request(jwks)).toMatchObject({
      status: 307,
      headers: { location: expect.stringContaining(other.baseUrl) },
    })
    const reviewing = createKubernetesReviewer({ transport: cluster.transport }).review('token')
    expect(await failure(reviewing)).toMatchObject({ code: 'TOKEN_REVIEW_RESPONSE_INVALID', detail: { status: 307 } })
    expect(other.requestCount()).toBe(0)
  })

  it('that is not JSON is refused without being quoted', async () => {
    await using cluster = await startTestCluster()
    cluster.api.answerNext(1, (_, response) => response.writeHead(201).end('<html>secret</html>'))
    const error = await failure(createKubernetesReviewer({ transport: cluster.transport }).review('token'))
    expect(error.code).toBe('TOKEN_REVIEW_RESPONSE_INVALID')
    expect(`${error.stack}${JSON.stringify(error)}`).not.toContain('secret')
  })

  it('that never ends is cut at the limit', async () => {
    await using cluster = await startTestCluster({ transport: { maxResponseBytes: 100_000 } })
    let sent = 0
    cluster.api.answerNext(1, (_, response) => {
      const more = (): void => {
        if (response.destroyed) return
        sent += 16_384
        response.write(Buffer.alloc(16_384, ' '), more)
      }
      more()
    })
    expect(await failure(cluster.transport.request(jwks))).toMatchObject({
      code: 'TOKEN_REVIEW_RESPONSE_INVALID',
      detail: { limit: 100_000 },
    })
    expect(sent).toBeLessThan(10_000_000)
    expect((await cluster.transport.request(jwks)).status).toBe(200)
  })

  it('may have exactly the limit, and repeated headers', async () => {
    await using cluster = await startTestCluster({ transport: { maxResponseBytes: 1000 } })
    cluster.api.answerNext(1, (_, response) => {
      response.setHeader('set-cookie', ['a=1', 'b=2']).end('x'.repeat(1000))
    })
    const { body, headers } = await cluster.transport.request(jwks)
    expect([body.length, headers['set-cookie']]).toEqual([1000, 'a=1, b=2'])
  })

  it('that breaks off in the middle is not taken for whole', async () => {
    await using cluster = await startTestCluster()
    const { api, transport, reports } = cluster
    api.answerNext(1, ({ socket }, response) => {
      response.writeHead(201, { 'content-length': '1000' })
      response.write('{"kind":', () => socket.destroy())
    })
    expect(await failure(transport.request(jwks))).toMatchObject({ code: 'TOKEN_REVIEW_UNREACHABLE' })
    expect(reports).toMatchObject([{ status: undefined, error: { code: 'TOKEN_REVIEW_UNREACHABLE' } }])
  })

  it('that breaks off because the server dies is not taken for whole either', async () => {
    await using cluster = await startTestCluster()
    const { api, transport } = cluster
    api.answerNext(1, (_, response) => {
      response.writeHead(201, { 'content-length': '1000' })
      response.write('{"kind":', () => void api.close())
    })
    expect(await failure(transport.request(jwks))).toMatchObject({ code: 'TOKEN_REVIEW_UNREACHABLE' })
    expect(await failure(transport.request(jwks))).toMatchObject({
      code: 'TOKEN_REVIEW_UNREACHABLE',
      detail: { found: 'ECONNREFUSED' },
    })
  })
})

describe('a connection that the server closed while it was idle', () => {
  it('is replaced once, and the caller does not notice', async () => {
    await using cluster = await startTestCluster()
    const { api, transport } = cluster
    await transport.request(jwks)
    api.answerNext(1, ({ socket }) => socket.destroy())
    expect((await transport.request(jwks)).status).toBe(200)
    expect(api.requestCount('jwks')).toBe(3)
  })

  it('is not replaced for ever: a server that drops each request is unreachable', async () => {
    await using cluster = await startTestCluster()
    const { api, transport } = cluster
    await transport.request(jwks)
    api.answerNext(2, ({ socket }) => socket.destroy())
    expect(await failure(transport.request(jwks))).toMatchObject({ code: 'TOKEN_REVIEW_UNREACHABLE' })
    expect(api.requestCount('jwks')).toBe(3)
  })

  it('is told from a fresh connection that is dropped, which is not tried again', async () => {
    await using cluster = await startTestCluster()
    const { api, transport } = cluster
    api.answerNext(1, ({ socket }) => socket.destroy())
    expect(await failure(transport.request(jwks))).toMatchObject({ code: 'TOKEN_REVIEW_UNREACHABLE' })
    expect(api.requestCount('jwks')).toBe(1)
  })
})

describe('a deadline', () => {
  it('ends a request that gets no answer', async () => {
    await using cluster = await startTestCluster({ transport: { timeoutMs: 100 } })
    cluster.api.hangNext(1)
    expect(await failure(cluster.transport.request(jwks))).toMatchObject({
      code: 'TOKEN_REVIEW_TIMEOUT',
      detail: { limit: 100 },
    })
  })

  it('ends a request whose answer does not end', async () => {
    await using cluster = await startTestCluster({ transport: { timeoutMs: 200 } })
    cluster.api.answerNext(1, (_, response) => response.writeHead(201).write('{'))
    expect(await failure(cluster.transport.request(jwks))).toMatchObject({ code: 'TOKEN_REVIEW_TIMEOUT' })
  })

  it('ends a request to a server that accepts and then says nothing, not even TLS', async () => {
    await using cluster = await startTestCluster()
    const { caFile, tokenFile } = cluster
    const mute = createServer((socket) => socket.resume()).listen(0, '127.0.0.1')
    await once(mute, 'listening')
    const { port } = mute.address() as { port: number }
    using transport = createClusterTransport({ host: '127.0.0.1', port, caFile, tokenFile, timeoutMs: 100 })
    expect(await failure(transport.request(jwks))).toMatchObject({ code: 'TOKEN_REVIEW_TIMEOUT' })
    mute.close()
  })
})

describe('a caller who gives up', () => {
  it('before the call gets the reason untouched, and nothing is sent', async () => {
    await using cluster = await startTestCluster()
    const reason = { why: 'closed' }
    await expect(cluster.transport.request({ ...jwks, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(cluster.api.requestCount()).toBe(0)
  })

  it('while the server is silent gets the reason untouched, and the server sees the connection close', async () => {
    await using cluster = await startTestCluster()
    const { api, transport } = cluster
    const abort = new AbortController()
    const reason = new Error('the stream was closed')
    const closed = new Promise<void>((resolve) => {
      api.answerNext(1, ({ socket }) => {
        socket.once('close', () => resolve())
        abort.abort(reason)
      })
    })
    await expect(transport.request({ ...jwks, signal: abort.signal })).rejects.toBe(reason)
    await closed
  })

  it('in the middle of the answer gets the reason untouched', async () => {
    await using cluster = await startTestCluster()
    const abort = new AbortController()
    const reason = Symbol('enough')
    cluster.api.answerNext(1, (_, response) => {
      response.writeHead(201).write('{', () => abort.abort(reason))
    })
    await expect(cluster.transport.request({ ...jwks, signal: abort.signal })).rejects.toBe(reason)
  })

  it('by a deadline of his own gets his own TimeoutError, not ours', async () => {
    await using cluster = await startTestCluster()
    cluster.api.hangNext(1)
    const signal = AbortSignal.timeout(50)
    const error: unknown = await cluster.transport.request({ ...jwks, signal }).catch((reason: unknown) => reason)
    expect(error).toBe(signal.reason)
    expect(error).toMatchObject({ name: 'TimeoutError' })
  })

  it('leaves no listener on a signal that lives on', async () => {
    await using cluster = await startTestCluster()
    const { signal } = new AbortController()
    for (let call = 0; call < 20; call += 1) await cluster.transport.request({ ...jwks, signal })
    expect(getEventListeners(signal, 'abort')).toEqual([])
    expect(cluster.reports).toHaveLength(20)
  })
})
