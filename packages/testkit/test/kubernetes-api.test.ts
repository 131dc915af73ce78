import { request } from 'node:https'
import { text } from 'node:stream/consumers'
import { createTestClock, type KubernetesApi, startKubernetesApi } from '@meshid/testkit'
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const start = new Date('2026-11-21T10:00:00Z')
const clock = createTestClock(start)
const web = { namespace: 'emojivoto', name: 'web' }
const pod = { namespace: 'emojivoto', name: 'web-1', serviceAccountName: 'web' }
const reviews = '/apis/authentication.k8s.io/v1/tokenreviews'
const tokens = '/api/v1/namespaces/emojivoto/serviceaccounts/web/token'
const audiences = ['identity.l5d.io']

let api: KubernetesApi
beforeEach(async () => {
  clock.jump(start)
  api = await startKubernetesApi({ clock })
  api.createServiceAccount(web)
  api.createPod(pod)
})
afterEach(() => api.close())

interface Call {
  readonly method?: string
  readonly path: string
  readonly token?: string
  readonly body?: unknown
}

interface Answer {
  readonly status: number | undefined
  readonly body: unknown
  readonly retryAfter: string | undefined
}

/** One call over the wire, as a foreign client would make it. */
function call({ method = 'POST', path, token = api.callerToken, body }: Call): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` }
    const sent = request(`${api.baseUrl}${path}`, { method, ca: api.caPem, agent: false, headers })
    sent.once('error', reject)
    sent.once('response', (response) => {
      const { statusCode: status, headers: answered } = response
      text(response)
        .then((content) => ({ status, body: parse(content), retryAfter: answered['retry-after'] }))
        .then(resolve, reject)
    })
    sent.end(typeof body === 'string' ? body : JSON.stringify(body))
  })
}

function parse(content: string): unknown {
  return content.startsWith('{') ? JSON.parse(content) : content
}

const review = (token: string, asked: readonly string[] = audiences): Promise<Answer> =>
  call({ path: reviews, body: { spec: { token, audiences: asked } } })

const refusal = (error: string): object => ({ status: 201, body: { status: { user: {}, error } } })

describe('TokenReview', () => {
  it('answers a good token with its owner, its binding and the common audiences, and repeats the question', async () => {
    const token = await api.createToken({ ...web, podName: 'web-1', audiences: ['a', 'b'] })
    const { status, body } = await review(token, ['b', 'c'])
    const nodeUid = api.pod(pod)?.nodeUid
    expect(status).toBe(201)
    expect(body).toEqual({
      kind: 'TokenReview',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: { creationTimestamp: null },
      spec: { token, audiences: ['b', 'c'] },
      status: {
        authenticated: true,
        user: {
          username: 'system:serviceaccount:emojivoto:web',
          uid: api.serviceAccount(web)?.uid,
          groups: ['system:serviceaccounts', 'system:serviceaccounts:emojivoto', 'system:authenticated'],
          extra: {
            'authentication.kubernetes.io/credential-id': [`JTI=${decodeJwt(token).jti}`],
            'authentication.kubernetes.io/node-name': ['node-1'],
            'authentication.kubernetes.io/node-uid': [nodeUid],
            'authentication.kubernetes.io/pod-name': ['web-1'],
            'authentication.kubernetes.io/pod-uid': [api.pod(pod)?.uid],
          },
        },
        audiences: ['b'],
      },
    })
  })

  it('takes the API server as the audience when none is asked for', async () => {
    const answer = await review(api.callerToken, [])
    expect(answer.body).toMatchObject({ status: { audiences: ['https://kubernetes.default.svc.cluster.local'] } })
    expect((await review(await api.createToken(web), [])).body).toMatchObject({
      status: { user: {}, error: expect.stringContaining('is invalid for the target audiences') },
    })
  })

  it('leaves authenticated out, and gives the reason, for each way in which a token is bad', async () => {
    const token = await api.createToken({ ...web, podName: 'web-1' })
    const other = await api.createToken({ ...web, audiences: ['a', 'b'] })
    const foreign = await startKubernetesApi({ clock })
    foreign.createServiceAccount(web)
    const forged = await foreign.createToken(web)
    await foreign.close()

    expect(await review('garbage')).toMatchObject(refusal('[invalid bearer token, token lookup failed]'))
    expect(await review(forged)).toMatchObject(
      refusal('[invalid bearer token, go-jose/go-jose: error in cryptographic primitive]'),
    )
    expect(await review(other)).toMatchObject(
      refusal(
        '[invalid bearer token, token audiences ["a" "b"] is invalid for the target audiences ["identity.l5d.io"]]',
      ),
    )
    const { body } = await review('garbage')
    expect(body).toHaveProperty('status', { user: {}, error: '[invalid bearer token, token lookup failed]' })
    expect((await review(token)).body).toMatchObject({ status: { authenticated: true } })
  })

  it('lets a token die a minute after its end, and not live before its beginning', async () => {
    const token = await api.createToken({ ...web, expirationSeconds: 600 })
    clock.jump(new Date(start.getTime() + 660_000))
    expect((await review(token)).body).toMatchObject({ status: { authenticated: true } })
    clock.jump(new Date(start.getTime() + 661_000))
    expect(await review(token)).toMatchObject(refusal('[invalid bearer token, service account token has expired]'))
    clock.jump(new Date(start.getTime() - 61_000))
    expect((await call({ path: reviews, token: api.callerToken })).status).toBe(401)
  })

  it('lets a token die with its pod and with its account, also when they come back under the old name', async () => {
    const token = await api.createToken({ ...web, podName: 'web-1' })
    api.deletePod(pod)
    expect(await review(token)).toMatchObject(
      refusal('[invalid bearer token, service account token has been invalidated]'),
    )
    api.createPod(pod)
    expect((await review(token)).body).toMatchObject({
      status: { error: expect.stringContaining('does not match service account pod ref claim') },
    })
    api.deleteServiceAccount(web)
    expect(await review(token)).toMatchObject(refusal('[invalid bearer token, serviceaccounts "web" not found]'))
    api.createServiceAccount(web)
    expect((await review(token)).body).toMatchObject({
      status: { error: expect.stringMatching(/service account UID \(.+\) does not match claim/) },
    })
  })

  it('leaves audiences out when it stands for an authenticator that knows none', async () => {
    await using unaware = await startKubernetesApi({ knowsAudiences: false })
    const { callerToken, caPem, baseUrl } = unaware
    unaware.createServiceAccount(web)
    const token = await unaware.createToken(web)
    const before = api
    api = { ...before, callerToken, caPem, baseUrl }
    const { body } = await review(token)
    api = before
    expect(body).toHaveProperty('status.authenticated', true)
    expect(body).not.toHaveProperty('status.audiences')
  })
})

describe('signing keys', () => {
  it.each(['ES256', 'RS256'] as const)(
    '%s tokens are reviewed, and verify under the published keys',
    async (tokenAlgorithm) => {
      await api.close()
      api = await startKubernetesApi({ clock, tokenAlgorithm })
      api.createServiceAccount(web)
      const token = await api.createToken(web)
      expect(decodeProtectedHeader(token).alg).toBe(tokenAlgorithm)
      expect(await review(token)).toMatchObject({ body: { status: { authenticated: true } } })
      const [header, payload, signature = ''] = token.split('.')
      const flipped = `${header}.${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`
      expect(await review(flipped)).toMatchObject(
        refusal('[invalid bearer token, go-jose/go-jose: error in cryptographic primitive]'),
      )
      const { body } = await call({ method: 'GET', path: '/openid/v1/jwks' })
      const keys = createLocalJWKSet(body as JSONWebKeySet)
      await expect(jwtVerify(token, keys, { currentDate: start })).resolves.toMatchObject({
        payload: { aud: audiences },
      })
    },
  )
})

describe('TokenRequest', () => {
  const ask = (spec: unknown, path = tokens): Promise<Answer> => call({ path, token: api.kubeletToken, body: { spec } })

  it('signs the claims of a projected token with the published key', async () => {
    const boundObjectRef = { kind: 'Pod', apiVersion: 'v1', name: 'web-1', uid: api.pod(pod)?.uid }
    const { status, body } = await ask({ audiences, expirationSeconds: 600, boundObjectRef })
    expect(status).toBe(201)
    expect(body).toMatchObject({ kind: 'TokenRequest', status: { expirationTimestamp: '2026-11-21T10:10:00Z' } })
    const { token } = (body as { status: { token: string } }).status
    const published = await call({ method: 'GET', path: '/openid/v1/jwks' })
    const keys = createLocalJWKSet(published.body as JSONWebKeySet)
    const { payload } = await jwtVerify(token, keys, { currentDate: start, audience: 'identity.l5d.io' })
    const seconds = start.getTime() / 1000
    expect(payload).toEqual({
      aud: ['identity.l5d.io'],
      exp: seconds + 600,
      iat: seconds,
      nbf: seconds,
      iss: 'https://kubernetes.default.svc.cluster.local',
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      sub: 'system:serviceaccount:emojivoto:web',
      'kubernetes.io': {
        namespace: 'emojivoto',
        serviceaccount: { name: 'web', uid: api.serviceAccount(web)?.uid },
        pod: { name: 'web-1', uid: api.pod(pod)?.uid },
        node: { name: 'node-1', uid: api.pod(pod)?.nodeUid },
      },
    })
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'ES256', kid: expect.any(String) })
  })

  it('refuses an unknown account, a foreign pod, a stale pod UID and a life under ten minutes', async () => {
    api.createServiceAccount({ namespace: 'emojivoto', name: 'vote' })
    const ref = { kind: 'Pod', apiVersion: 'v1', name: 'web-1' }
    const answers = await Promise.all([
      ask({}, '/api/v1/namespaces/emojivoto/serviceaccounts/nobody/token'),
      ask({ boundObjectRef: ref }, '/api/v1/namespaces/emojivoto/serviceaccounts/vote/token'),
      ask({ boundObjectRef: { ...ref, name: 'web-2' } }),
      ask({ boundObjectRef: { ...ref, kind: 'Node' } }),
      ask({ boundObjectRef: { ...ref, uid: 'old' } }),
      ask({ expirationSeconds: 599 }),
    ])
    expect(answers.map(({ body }) => body)).toMatchObject([
      { code: 404, message: 'serviceaccounts "nobody" not found' },
      { code: 400, message: expect.stringContaining('cannot bind token for serviceaccount "vote"') },
      { code: 404, message: 'pods "web-2" not found' },
      { code: 400, message: 'cannot bind token to object of type v1, Kind=Node' },
      { code: 409, reason: 'Conflict' },
      { code: 422, message: expect.stringContaining('may not specify a duration less than 10 minutes') },
    ])
  })

  it('gives an hour and the audience of the API server when nothing else is asked for', async () => {
    const { body } = await ask(undefined)
    expect(body).toMatchObject({
      spec: { audiences: ['https://kubernetes.default.svc.cluster.local'], expirationSeconds: 3600 },
      status: { expirationTimestamp: '2026-11-21T11:00:00Z' },
    })
  })

  it('makes tokens without the wire only for what exists', async () => {
    await expect(api.createToken({ namespace: 'emojivoto', name: 'nobody' })).rejects.toThrow(RangeError)
    await expect(api.createToken({ ...web, podName: 'web-2' })).rejects.toThrow(RangeError)
  })
})

describe('callers', () => {
  it('answers 401 to a stranger, before anything else', async () => {
    const answer = { status: 401, body: { kind: 'Status', status: 'Failure', reason: 'Unauthorized', code: 401 } }
    expect(await call({ path: reviews, token: 'garbage' })).toMatchObject(answer)
    expect(await call({ path: '/nowhere', token: 'garbage' })).toMatchObject(answer)
    expect(await call({ path: reviews, token: await api.createToken(web) })).toMatchObject(answer)
  })

  it('answers 403 in the words of RBAC, until the right is granted', async () => {
    const token = await api.createToken({ ...web, audiences: ['https://kubernetes.default.svc.cluster.local'] })
    const ask = (): Promise<Answer> => call({ path: reviews, token, body: { spec: { token } } })
    expect(await ask()).toMatchObject({
      status: 403,
      body: {
        reason: 'Forbidden',
        message:
          'tokenreviews.authentication.k8s.io is forbidden: User "system:serviceaccount:emojivoto:web" cannot create resource "tokenreviews" in API group "authentication.k8s.io" at the cluster scope',
        details: { group: 'authentication.k8s.io', kind: 'tokenreviews' },
      },
    })
    expect((await call({ path: tokens, token })).body).toHaveProperty(
      'message',
      'serviceaccounts "web" is forbidden: User "system:serviceaccount:emojivoto:web" cannot create resource "serviceaccounts/token" in API group "" in the namespace "emojivoto"',
    )
    api.grant('system:serviceaccount:emojivoto:web', 'tokenreviews')
    expect((await ask()).status).toBe(201)
    api.revoke('system:serviceaccount:emojivoto:web', 'tokenreviews')
    expect((await ask()).status).toBe(403)
  })

  it('says by SelfSubjectAccessReview what a caller may', async () => {
    const ask = (attributes: object): Promise<Answer> =>
      call({
        path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
        body: { spec: { resourceAttributes: attributes } },
      })
    const create = { group: 'authentication.k8s.io', version: 'v1', resource: 'tokenreviews', verb: 'create' }
    expect((await ask(create)).body).toMatchObject({
      status: { allowed: true, reason: expect.stringMatching(/^RBAC/) },
    })
    expect((await ask({ ...create, verb: 'delete' })).body).toHaveProperty('status', { allowed: false })
    expect((await ask({ ...create, resource: 'pods' })).body).toHaveProperty('status', { allowed: false })
    expect((await ask({ verb: 'create', resource: 'events' })).body).toHaveProperty('status.allowed', true)
  })
})

describe('other endpoints', () => {
  it('keeps events, named and numbered, and refuses what is none', async () => {
    const path = '/api/v1/namespaces/emojivoto/events'
    const event = { metadata: { generateName: 'web.' }, involvedObject: { kind: 'ServiceAccount', name: 'web' } }
    expect(await call({ path, body: { ...event, reason: 'IssuedLeafCertificate' } })).toMatchObject({
      status: 201,
      body: { kind: 'Event', metadata: { name: expect.stringMatching(/^web\./), namespace: 'emojivoto' } },
    })
    expect(api.events).toMatchObject([{ reason: 'IssuedLeafCertificate', metadata: { resourceVersion: '1' } }])
    expect((await call({ path, body: {} })).status).toBe(422)
  })

  it('publishes the OpenID discovery document', async () => {
    const { body } = await call({ method: 'GET', path: '/.well-known/openid-configuration' })
    expect(body).toMatchObject({ jwks_uri: 'https://kubernetes.default.svc.cluster.local/openid/v1/jwks' })
  })

  it('answers 404 to an unknown path and 400 to what is not JSON or holds no token', async () => {
    expect((await call({ method: 'GET', path: '/api/v1/secrets' })).body).toMatchObject({ code: 404 })
    expect((await call({ path: reviews, body: '{' })).body).toMatchObject({ code: 400 })
    expect((await call({ path: reviews, body: { spec: {} } })).body).toMatchObject({ code: 400 })
  })

  it('listens on the IPv6 loopback address too', async () => {
    await using six = await startKubernetesApi({ host: '::1' })
    expect(six.baseUrl).toBe(`https://[::1]:${six.port}`)
  })
})

describe('troubles', () => {
  it('fails, hands over and delays as ordered, in this order, and counts every request', async () => {
    const get = (): Promise<Answer> => call({ method: 'GET', path: '/openid/v1/jwks' })
    api.failNext(1, { status: 429, retryAfterSeconds: 2 })
    api.failNext(1, { status: 503 })
    api.answerNext(1, (_, response) => response.end('{"handed":"over"}'))
    expect(await get()).toMatchObject({ status: 429, retryAfter: '2' })
    expect(await get()).toMatchObject({ status: 503, retryAfter: undefined })
    expect(await get()).toMatchObject({ status: 200, body: { handed: 'over' } })
    api.setLatency(30)
    const begin = performance.now()
    expect((await get()).status).toBe(200)
    expect(performance.now() - begin).toBeGreaterThan(25)
    expect([api.requestCount('jwks'), api.requestCount('event'), api.requestCount()]).toEqual([4, 0, 4])
  })

  it('aims troubles at one endpoint, and lets the others pass', async () => {
    api.aimFaults('other')
    api.failNext(1, { status: 503 })
    expect((await call({ method: 'GET', path: '/openid/v1/jwks' })).status).toBe(200)
    expect((await call({ method: 'GET', path: '/nowhere' })).status).toBe(503)
    expect((await call({ method: 'GET', path: '/nowhere' })).status).toBe(404)
  })

  it('ends requests that hang when it closes, and closes twice without complaint', async () => {
    api.hangNext(1)
    const hanging = expect(call({ method: 'GET', path: '/openid/v1/jwks' })).rejects.toThrow('socket hang up')
    await expect.poll(() => api.requestCount()).toBe(1)
    await api.close()
    await hanging
    await expect(api.close()).resolves.toBeUndefined()
  })
})
