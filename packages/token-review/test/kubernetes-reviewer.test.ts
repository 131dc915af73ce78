import { createKubernetesReviewer, LINKERD_AUDIENCE, MAX_TOKEN_BYTES } from '@meshid/token-review'
import { ServiceAccount } from '@meshid/spiffe-id'
import { describe, expect, it } from 'vitest'
import { failure } from './failure.ts'
import { keepEvents } from './gateway/stub-reviewer.ts'
import { accepted, reviewAnswer, stubTransport } from './stub-transport.ts'

const token = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ3ZWIifQ.c2lnbmF0dXJl'

const reviewOf = (status: unknown): ReturnType<ReturnType<typeof createKubernetesReviewer>['review']> =>
  createKubernetesReviewer({ transport: stubTransport(reviewAnswer(status)) }).review(token)

const withUser = (user: object): unknown => ({ ...accepted, user: { ...accepted.user, ...user } })

describe('the question', () => {
  it('is one v1 TokenReview with the token and the audience of Linkerd', async () => {
    const transport = stubTransport(reviewAnswer(accepted))
    await createKubernetesReviewer({ transport }).review(new TextEncoder().encode(token))
    expect(transport.requests).toHaveLength(1)
    const [request] = transport.requests
    expect(request).toMatchObject({ method: 'POST', path: '/apis/authentication.k8s.io/v1/tokenreviews' })
    expect(JSON.parse(request?.body ?? '')).toEqual({
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      metadata: { creationTimestamp: null },
      spec: { token, audiences: [LINKERD_AUDIENCE] },
    })
  })

  it('is not asked for what cannot be a token', async () => {
    const transport = stubTransport(reviewAnswer(accepted))
    const reviewer = createKubernetesReviewer({ transport })
    expect(await failure(reviewer.review(''))).toMatchObject({ code: 'TOKEN_REVIEW_TOKEN_INVALID' })
    const long = await failure(reviewer.review(new Uint8Array(MAX_TOKEN_BYTES + 1)))
    expect(long.detail).toMatchObject({ limit: MAX_TOKEN_BYTES })
    expect(transport.requests).toEqual([])
  })

  it('is not asked again without an audience when the audience is refused (Q26)', async () => {
    const error =
      '[invalid bearer token, token audiences ["a"] is invalid for the target audiences ["identity.l5d.io"]]'
    const transport = stubTransport(reviewAnswer({ user: {}, error }))
    const refused = await failure(createKubernetesReviewer({ transport }).review(token))
    expect(refused).toMatchObject({ code: 'TOKEN_REVIEW_WRONG_AUDIENCE', detail: { reason: error } })
    expect(transport.requests).toHaveLength(1)
  })

  it('needs an audience', () => {
    const transport = stubTransport(reviewAnswer(accepted))
    expect(() => createKubernetesReviewer({ transport, audiences: [] })).toThrow(RangeError)
    expect(() => createKubernetesReviewer({ transport, audiences: ['a', ''] })).toThrow(RangeError)
  })
})

describe('the fallback of Linkerd (Q26)', () => {
  const wrong = '[invalid bearer token, token audiences ["a"] is invalid for the target audiences ["identity.l5d.io"]]'
  const answering = (...statuses: readonly unknown[]) => {
    const left = [...statuses]
    const { observer, events } = keepEvents()
    const transport = stubTransport(async () => ({ status: 201, headers: {}, body: '', ...reviewAnswer(left.shift()) }))
    const reviewer = createKubernetesReviewer({ transport, audienceFallback: 'accept', observer })
    return { reviewer, transport, events }
  }

  it('asks again without an audience when it is told to, and says so', async () => {
    const { reviewer, transport, events } = answering({ user: {}, error: wrong }, { ...accepted, audiences: ['api'] })
    expect(await reviewer.review(token)).toMatchObject({ podName: 'web-1', audiences: [] })
    expect(transport.requests.map(({ body }) => (JSON.parse(body ?? '') as { spec: unknown }).spec)).toEqual([
      { token, audiences: [LINKERD_AUDIENCE] },
      { token, audiences: [] },
    ])
    expect(events).toMatchObject([{ type: 'fallback-accepted', account: { podName: 'web-1', nodeName: 'node-1' } }])
  })

  it('asks once when the first answer is an acceptance, or another refusal', async () => {
    const good = answering(accepted)
    expect(await good.reviewer.review(token)).toMatchObject({ audiences: [LINKERD_AUDIENCE] })
    const bad = answering({ user: {}, error: 'service account token has expired' })
    expect((await failure(bad.reviewer.review(token))).code).toBe('TOKEN_REVIEW_REJECTED')
    expect([good.transport.requests.length, bad.transport.requests.length]).toEqual([1, 1])
    expect([...good.events, ...bad.events].map(({ type }) => type)).toEqual(['reviewed', 'review-refused'])
  })

  it('does not accept what the second answer refuses', async () => {
    const { reviewer, events } = answering({ user: {}, error: wrong }, { user: {}, error: wrong })
    expect((await failure(reviewer.review(token))).code).toBe('TOKEN_REVIEW_WRONG_AUDIENCE')
    const silent = answering({ user: {}, error: wrong }, {})
    expect((await failure(silent.reviewer.review(token))).code).toBe('TOKEN_REVIEW_UNAUTHENTICATED')
    expect(events).toMatchObject([{ type: 'review-refused', code: 'TOKEN_REVIEW_WRONG_AUDIENCE' }])
  })
})

describe('the observer', () => {
  const observed = async (answer: Parameters<typeof stubTransport>[0], signal?: AbortSignal) => {
    const { observer, events } = keepEvents()
    let now = 0
    const reviewer = createKubernetesReviewer({
      transport: stubTransport(answer),
      observer,
      monotonicMs: () => (now += 3),
    })
    await reviewer.review(token, { signal }).catch(() => {})
    expect(JSON.stringify(events)).not.toContain(token)
    return events
  }

  it('is told how each review ended, how long it took, and to what the token is bound (Q29)', async () => {
    expect(await observed(reviewAnswer(accepted))).toMatchObject([
      {
        type: 'reviewed',
        durationMs: 3,
        account: { podName: 'web-1', podUid: expect.any(String), nodeName: 'node-1', credentialId: expect.any(String) },
      },
    ])
    expect(await observed(reviewAnswer({ user: {}, error: `no ${token}` }))).toEqual([
      { type: 'review-refused', code: 'TOKEN_REVIEW_REJECTED', durationMs: 3 },
    ])
    expect(await observed(reviewAnswer({ ...accepted, audiences: [] }))).toMatchObject([
      { type: 'review-refused', code: 'TOKEN_REVIEW_AUDIENCE_UNPROVEN' },
    ])
    expect(await observed({ status: 503 })).toMatchObject([{ type: 'review-failed', code: 'TOKEN_REVIEW_UNAVAILABLE' }])
    expect(await observed(() => Promise.reject(new Error('down')))).toMatchObject([
      { type: 'review-failed', code: 'TOKEN_REVIEW_UNREACHABLE' },
    ])
    expect(await observed(reviewAnswer(accepted), AbortSignal.abort())).toMatchObject([{ type: 'review-aborted' }])
  })
})

describe('an accepted token', () => {
  it('names its service account, pod, node and credential, frozen (Q29)', async () => {
    const account = await reviewOf(accepted)
    expect(account).toEqual({
      serviceAccount: expect.any(ServiceAccount),
      username: 'system:serviceaccount:emojivoto:web',
      uid: '5d5b1c3e-0000-4000-8000-000000000001',
      groups: ['system:serviceaccounts', 'system:authenticated'],
      audiences: ['identity.l5d.io'],
      podName: 'web-1',
      podUid: '5d5b1c3e-0000-4000-8000-000000000002',
      nodeName: 'node-1',
      nodeUid: '5d5b1c3e-0000-4000-8000-000000000003',
      credentialId: 'JTI=5d5b1c3e-0000-4000-8000-000000000004',
      extra: accepted.user['extra'],
    })
    expect([account.serviceAccount.namespace, account.serviceAccount.name]).toEqual(['emojivoto', 'web'])
    for (const part of [
      account,
      account.groups,
      account.audiences,
      account.extra,
      account.extra['authentication.kubernetes.io/pod-name'],
    ]) {
      expect(Object.isFrozen(part)).toBe(true)
    }
  })

  it('may be bound to nothing and belong to no group', async () => {
    const user = { username: 'system:serviceaccount:emojivoto:web' }
    const account = await reviewOf({ authenticated: true, user, audiences: ['identity.l5d.io'] })
    expect(account).toMatchObject({ uid: undefined, groups: [], podName: undefined, extra: {} })
  })

  it('is bound to no pod when the server names two', async () => {
    const extra = { 'authentication.kubernetes.io/pod-name': ['web-1', 'web-2'] }
    expect((await reviewOf(withUser({ extra }))).podName).toBeUndefined()
  })

  it('keeps whatever keys the server uses, "__proto__" included', async () => {
    const status = JSON.parse(JSON.stringify(accepted).replace('authentication.kubernetes.io/pod-name', '__proto__'))
    const { extra } = await reviewOf(status)
    expect(Object.keys(extra)).toContain('__proto__')
    expect(Object.getPrototypeOf(extra)).toBeNull()
  })

  it('may be of an account with dots in its name, which Linkerd refuses (Q28)', async () => {
    const account = await reviewOf(withUser({ username: 'system:serviceaccount:emojivoto:web.v2' }))
    expect(account.serviceAccount.name).toBe('web.v2')
  })

  it.each([
    ['a user', 'kubernetes-admin'],
    ['a node', 'system:node:node-1'],
    ['another type with the same parts (Q27)', 'system:anything:emojivoto:web'],
    ['too many parts', 'system:serviceaccount:emojivoto:web:x'],
    ['a namespace that is no label', 'system:serviceaccount:emoji.voto:web'],
    ['an empty name', 'system:serviceaccount:emojivoto:'],
  ])('of %s names nobody here', async (_, username) => {
    const error = await failure(reviewOf(withUser({ username })))
    expect(error).toMatchObject({
      code: 'TOKEN_REVIEW_USERNAME_INVALID',
      detail: { expected: 'system:serviceaccount:<namespace>:<name>', found: username },
      cause: { name: 'SpiffeIdError' },
    })
  })
})

describe('the audiences of the answer (Q25)', () => {
  const audiences = ['identity.l5d.io', 'other']
  const ask = (answered: unknown, unawareAuthenticator: 'refuse' | 'accept' = 'refuse'): Promise<unknown> => {
    const transport = stubTransport(reviewAnswer({ ...accepted, audiences: answered }))
    return createKubernetesReviewer({ transport, audiences, unawareAuthenticator }).review(token)
  }

  it('are those that were asked for', async () => {
    expect(await ask(['other', 'and more'])).toMatchObject({ audiences: ['other'] })
    expect(await ask(['other', 'identity.l5d.io'])).toMatchObject({ audiences })
  })

  it.each([[undefined], [[]], [null]])('must not be missing: %j proves nothing', async (answered) => {
    const error = await failure(ask(answered))
    expect(error).toMatchObject({
      code: 'TOKEN_REVIEW_AUDIENCE_UNPROVEN',
      detail: { expected: 'identity.l5d.io, other', found: 'none' },
    })
    expect(await ask(answered, 'accept')).toMatchObject({ audiences: [] })
  })

  it('must not be others only, whatever is allowed', async () => {
    for (const unaware of ['refuse', 'accept'] as const) {
      expect(await failure(ask(['https://kubernetes.default.svc'], unaware))).toMatchObject({
        code: 'TOKEN_REVIEW_WRONG_AUDIENCE',
        detail: { found: 'https://kubernetes.default.svc' },
      })
    }
  })
})

describe('a refused token', () => {
  it('has the reason of the server', async () => {
    const reason = '[invalid bearer token, service account token has expired]'
    const error = await failure(reviewOf({ user: {}, error: reason }))
    expect(error).toMatchObject({ code: 'TOKEN_REVIEW_REJECTED', detail: { reason } })
    expect(error.message).toBe(`token: expected to be accepted, found ${reason}`)
  })

  it('is refused also when the server says "authenticated" beside an error', async () => {
    expect(await failure(reviewOf({ ...accepted, error: 'but' }))).toMatchObject({ code: 'TOKEN_REVIEW_REJECTED' })
  })

  it.each([[{}], [{ authenticated: false }], [{ ...accepted, authenticated: null }]])(
    'may have no reason at all: %j',
    async (status) => {
      expect(await failure(reviewOf(status))).toMatchObject({ code: 'TOKEN_REVIEW_UNAUTHENTICATED' })
    },
  )

  it.each([
    ['the token itself', `token ${token} is bad`, 'token [redacted] is bad'],
    ['another token', 'token eyJh.eyJi.c2ln is bad', 'token [redacted] is bad'],
    ['a long secret', `secret ${'k'.repeat(64)}!`, 'secret [redacted]!'],
    ['lines and colours', 'a\r\nb\u001b[31m\u2028c', 'a??b?[31m?c'],
    ['a novel', 'no '.repeat(1000), `${'no '.repeat(171).slice(0, 512)}...`],
  ])('has a reason that is fit for a log, though the server wrote %s', async (_, error, reason) => {
    const refused = await failure(reviewOf({ user: {}, error }))
    expect(refused.detail).toEqual({ reason })
    expect(refused.message).toContain(reason)
  })
})
