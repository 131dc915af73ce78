import { request } from 'node:https'
import { text } from 'node:stream/consumers'
import { type KubernetesApi, type KubernetesApiOptions, startKubernetesApi } from '@meshid/testkit'
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { describe, expect, it } from 'vitest'

const web = { namespace: 'emojivoto', name: 'web' }
const deadline = { timeout: 10_000 }

interface Answer {
  readonly status: number | undefined
  readonly body: string
  readonly retryAfter: string | undefined
}

function call(api: KubernetesApi, path: string, body?: object, ca = api.caPem): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${api.callerToken}` }
    const method = body === undefined ? 'GET' : 'POST'
    const sent = request(`${api.baseUrl}${path}`, { method, ca, agent: false, headers })
    sent.once('error', reject)
    sent.once('response', (response) => {
      const { statusCode: status, headers: answered } = response
      text(response).then((content) => resolve({ status, body: content, retryAfter: answered['retry-after'] }), reject)
    })
    sent.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

const keysOf = (api: KubernetesApi, ca?: string): Promise<Answer> => call(api, '/openid/v1/jwks', undefined, ca)
async function review(api: KubernetesApi, token?: string): Promise<Answer> {
  const spec = { token: token ?? (await api.createToken(web)), audiences: ['identity.l5d.io'] }
  return call(api, '/apis/authentication.k8s.io/v1/tokenreviews', { spec })
}

async function start(options?: KubernetesApiOptions): Promise<KubernetesApi> {
  const api = await startKubernetesApi(options)
  api.createServiceAccount(web)
  return api
}

describe('a slow API server', () => {
  it('holds requests at a gate, says how many, and answers them when it opens', async () => {
    await using api = await start()
    const gate = api.holdNext(2)
    const answers = Promise.all([keysOf(api), keysOf(api)])
    await expect.poll(() => gate.held, deadline).toBe(2)
    expect([api.pendingRequests, (await keysOf(api)).status]).toEqual([2, 200])
    gate.open()
    expect((await answers).map(({ status }) => status)).toEqual([200, 200])
    expect(gate.held).toBe(0)
    await expect.poll(() => [api.pendingRequests, api.openConnections], deadline).toEqual([0, 0])
  })

  it('takes its time for each review, and for nothing else', async () => {
    await using api = await start({ reviewDelayMs: 40 })
    const begin = performance.now()
    await review(api)
    expect(performance.now() - begin).toBeGreaterThanOrEqual(39)
  })

  it('does so many reviews each second, and lets the others wait their turn', async () => {
    await using api = await start({ reviewLimit: { perSecond: 50, burst: 2 } })
    const begin = performance.now()
    const answers = await Promise.all(Array.from({ length: 6 }, () => review(api)))
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 6 }, () => 201))
    expect(performance.now() - begin).toBeGreaterThanOrEqual(79)
  })

  it('gives the turns of those who are gone to the others', async () => {
    await using api = await start({ reviewLimit: { perSecond: 1, burst: 1 } })
    expect((await review(api)).status).toBe(201)
    const path = '/apis/authentication.k8s.io/v1/tokenreviews'
    const waiting = Array.from({ length: 20 }, () => {
      const headers = { authorization: `Bearer ${api.callerToken}` }
      const sent = request(`${api.baseUrl}${path}`, { method: 'POST', ca: api.caPem, agent: false, headers })
      sent.on('error', () => {})
      sent.end('{}')
      return sent
    })
    await expect.poll(() => api.requestCount('tokenReview')).toBe(21)
    for (const sent of waiting) sent.destroy()
    await expect.poll(() => api.pendingRequests).toBe(0)
    const begin = performance.now()
    expect((await review(api)).status).toBe(201)
    // Twenty seconds, if those who are gone had kept their turns.
    expect(performance.now() - begin).toBeLessThan(12_000)
  })

  it('or refuses them with 429 and Retry-After', async () => {
    await using api = await start({ reviewLimit: { perSecond: 0.01, burst: 2, excess: 'refuse' } })
    const answers = [await review(api), await review(api), await review(api)]
    expect(answers.map(({ status, retryAfter }) => [status, retryAfter])).toEqual([
      [201, undefined],
      [201, undefined],
      [429, '1'],
    ])
    expect([api.requestCount('tokenReview'), (await keysOf(api)).status]).toEqual([3, 200])
  })
})

describe('a broken API server', () => {
  it('answers what is not JSON, JSON that ends in the middle, and bodies that do', async () => {
    await using api = await start()
    api.garbleNext(1)
    expect(await review(api)).toMatchObject({ status: 201, body: '<html>not what you want</html>' })
    api.truncateNext(1)
    const { body } = await review(api)
    expect(() => JSON.parse(body) as unknown).toThrow(/JSON/)
    api.cutNext(1)
    await expect(review(api)).rejects.toThrow('aborted')
    expect((await review(api)).status).toBe(201)
  })

  it('goes down and comes up again, on its port, knowing what it knew', async () => {
    await using api = await start()
    await api.goDown()
    await expect(keysOf(api)).rejects.toThrow('ECONNREFUSED')
    await api.comeUp()
    expect((await review(api)).body).toContain('"authenticated":true')
  })
})

describe('rotation', () => {
  it('of the serving certificate makes the old CA worthless at once', async () => {
    await using api = await start()
    const old = api.caPem
    await api.rotateServingCertificate()
    expect(api.caPem).not.toBe(old)
    await expect(keysOf(api, old)).rejects.toThrow(/signature|certificate/)
    expect((await keysOf(api)).status).toBe(200)
  })

  it('of the token key publishes the new one, and keeps or forgets the old one', async () => {
    await using api = await start()
    const published = async (): Promise<JSONWebKeySet> => JSON.parse((await keysOf(api)).body) as JSONWebKeySet
    const token = await api.createToken(web)
    await api.rotateTokenKey({ keepOld: true })
    const both = await published()
    expect(both.keys).toHaveLength(2)
    await expect(jwtVerify(token, createLocalJWKSet(both))).resolves.toBeDefined()
    await expect(jwtVerify(await api.createToken(web), createLocalJWKSet(both))).resolves.toBeDefined()
    expect((await review(api, token)).body).toContain('"authenticated":true')
    await api.rotateTokenKey({ keepOld: false })
    expect((await keysOf(api)).status).toBe(401)
  })
})

describe('discovery', () => {
  it('names the algorithm that tokens are signed with', async () => {
    await using api = await start({ tokenAlgorithm: 'RS256' })
    const { body } = await call(api, '/.well-known/openid-configuration')
    expect(JSON.parse(body)).toMatchObject({ id_token_signing_alg_values_supported: ['RS256'] })
  })
})
