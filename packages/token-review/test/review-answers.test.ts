import {
  checkTokenReviewAccess,
  createKubernetesReviewer,
  MAX_RESPONSE_BYTES,
  MAX_RETRY_AFTER_MS,
  TokenReviewError,
} from '@meshid/token-review'
import { describe, expect, it } from 'vitest'
import { failure } from './failure.ts'
import { accepted, reviewAnswer, stubTransport } from './stub-transport.ts'

const token = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ3ZWIifQ.c2lnbmF0dXJl'
type Answer = Parameters<typeof stubTransport>[0]
const review = (answer: Answer, signal?: AbortSignal): Promise<unknown> =>
  createKubernetesReviewer({ transport: stubTransport(answer) }).review(token, { signal })

describe('the status of an answer', () => {
  it.each([
    [401, 'TOKEN_REVIEW_CALLER_UNAUTHENTICATED'],
    [403, 'TOKEN_REVIEW_FORBIDDEN'],
    [429, 'TOKEN_REVIEW_UNAVAILABLE'],
    [500, 'TOKEN_REVIEW_UNAVAILABLE'],
    [503, 'TOKEN_REVIEW_UNAVAILABLE'],
    [307, 'TOKEN_REVIEW_RESPONSE_INVALID'],
    [404, 'TOKEN_REVIEW_RESPONSE_INVALID'],
    [204, 'TOKEN_REVIEW_RESPONSE_INVALID'],
  ])('%i is no verdict on the token: %s', async (status, code) => {
    expect(await failure(review({ status, body: 'Not JSON' }))).toMatchObject({
      code,
      message: `API server: expected status 201, found ${status}`,
      detail: { status, found: `status ${status}` },
    })
  })

  it('200 is as good as 201', async () => {
    expect(await review({ ...reviewAnswer(accepted), status: 200 })).toMatchObject({ audiences: ['identity.l5d.io'] })
  })

  it('403 brings the words of RBAC, without anything that looks like a token', async () => {
    const message = `tokenreviews.authentication.k8s.io is forbidden: User "x" ${token}`
    const body = JSON.stringify({ kind: 'Status', status: 'Failure', reason: 'Forbidden', message, code: 403 })
    const reason = 'tokenreviews.authentication.k8s.io is forbidden: User "x" [redacted]'
    expect(await failure(review({ status: 403, body }))).toMatchObject({
      message: `API server: expected status 201, found 403 (${reason})`,
      detail: { reason },
    })
  })

  it.each([
    ['null'],
    ['{"kind":"Status"}'],
    ['{"kind":"Other","message":"m"}'],
    ['{"kind":"Status","message":5}'],
    [''],
  ])('quotes no other body: %s', async (body) => {
    expect((await failure(review({ status: 500, body }))).detail).not.toHaveProperty('reason')
  })

  it.each([
    ['2', 2000],
    ['0', 0],
    ['3600', MAX_RETRY_AFTER_MS],
    ['3601', undefined],
    ['-1', undefined],
    ['1e3', undefined],
    ['Sat, 21 Nov 2026 10:00:00 GMT', undefined],
  ])('429 with Retry-After %s waits %s ms', async (value, retryAfterMs) => {
    const { detail } = await failure(review({ status: 429, headers: { 'retry-after': value } }))
    expect(detail.retryAfterMs).toBe(retryAfterMs)
  })
})

describe('the body of an answer', () => {
  const withUser = (user: unknown): Answer => reviewAnswer({ ...accepted, user })

  it.each<[string, Answer, object]>([
    ['what is not JSON', { body: '<html>' }, { expected: 'JSON' }],
    ['nothing', { body: '' }, { expected: 'JSON' }],
    ['too much', { body: ' '.repeat(MAX_RESPONSE_BYTES + 1) }, { limit: MAX_RESPONSE_BYTES }],
    ['a list', { body: '[]' }, { field: 'the answer', found: 'a list' }],
    ['null', { body: 'null' }, { field: 'kind', found: 'nothing' }],
    ['another kind', { body: '{"kind":"Status"}' }, { field: 'kind', found: 'another text' }],
    [
      'another version',
      { body: '{"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1beta1"}' },
      { field: 'apiVersion' },
    ],
    ['no status', reviewAnswer(undefined), { field: 'status', found: 'nothing' }],
    ['a number as status', reviewAnswer(1), { field: 'status', found: 'a number' }],
    ['a text as verdict', reviewAnswer({ ...accepted, authenticated: 'true' }), { field: 'status.authenticated' }],
    ['an object as error', reviewAnswer({ error: {} }), { field: 'status.error', found: 'an object' }],
    ['a text as audiences', reviewAnswer({ ...accepted, audiences: 'identity.l5d.io' }), { field: 'status.audiences' }],
    ['a number as audience', reviewAnswer({ ...accepted, audiences: [1] }), { field: 'status.audiences[0]' }],
    ['no user', withUser(undefined), { field: 'status.user.username', found: 'nothing' }],
    ['a list as user', withUser([]), { field: 'status.user' }],
    ['a number as name', withUser({ username: 1 }), { field: 'status.user.username', found: 'a number' }],
    ['a number as UID', withUser({ ...accepted.user, uid: 1 }), { field: 'status.user.uid' }],
    ['an object as groups', withUser({ ...accepted.user, groups: {} }), { field: 'status.user.groups' }],
    ['texts as extra', withUser({ ...accepted.user, extra: { a: 'b' } }), { field: 'status.user.extra' }],
  ])('must not be %s', async (_, answer, detail) => {
    expect(await failure(review(answer))).toMatchObject({ code: 'TOKEN_REVIEW_RESPONSE_INVALID', detail })
  })

  it('leaves no trace of the token that it repeats, not even in the cause', async () => {
    const error = await failure(review({ body: `${token} is not JSON` }))
    expect(error.cause).toBeUndefined()
    expect(`${error.stack}${JSON.stringify(error.detail)}`).not.toContain(token.slice(0, 8))
  })
})

describe('the transport', () => {
  it('that fails makes the authority unreachable, with the failure as cause', async () => {
    const cause = new Error('socket hang up')
    expect(await failure(review(() => Promise.reject(cause)))).toMatchObject({
      code: 'TOKEN_REVIEW_UNREACHABLE',
      cause,
    })
  })

  it('may fail with a refusal of its own', async () => {
    const refusal = new TokenReviewError('TOKEN_REVIEW_TIMEOUT', 'too late')
    expect(await failure(review(() => Promise.reject(refusal)))).toBe(refusal)
  })

  it('is not used once the caller has given up, and the reason comes back untouched', async () => {
    const reason = { why: 'the stream was closed' }
    const transport = stubTransport(reviewAnswer(accepted))
    const reviewing = createKubernetesReviewer({ transport }).review(token, { signal: AbortSignal.abort(reason) })
    await expect(reviewing).rejects.toBe(reason)
    expect(transport.requests).toEqual([])
  })

  it('that ends because the caller gave up gives the reason of the caller, whatever its own error is', async () => {
    const abort = new AbortController()
    const reason = new Error('enough')
    const reviewing = review(() => {
      abort.abort(reason)
      return Promise.reject(new Error('AbortError'))
    }, abort.signal)
    await expect(reviewing).rejects.toBe(reason)
  })
})

describe('checkTokenReviewAccess', () => {
  const answer = (status: object): Answer => ({
    body: JSON.stringify({ kind: 'SelfSubjectAccessReview', apiVersion: 'authorization.k8s.io/v1', status }),
  })

  it('asks whether this process may create token reviews', async () => {
    const transport = stubTransport(answer({ allowed: true }))
    await expect(checkTokenReviewAccess(transport)).resolves.toBeUndefined()
    const [request] = transport.requests
    expect(request?.path).toBe('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews')
    expect(JSON.parse(request?.body ?? '')).toMatchObject({
      spec: {
        resourceAttributes: { group: 'authentication.k8s.io', version: 'v1', resource: 'tokenreviews', verb: 'create' },
      },
    })
  })

  it.each([
    [{ allowed: false }, 'no role that allows it'],
    [{ allowed: false, reason: 'denied by policy' }, 'denied by policy'],
    [{ evaluationError: 'role "x" not found' }, 'role "x" not found'],
  ])('refuses %j', async (status, found) => {
    const error = await failure(checkTokenReviewAccess(stubTransport(answer(status))))
    expect(error).toMatchObject({ code: 'TOKEN_REVIEW_FORBIDDEN', detail: { found } })
  })

  it('stops when the caller gives up', async () => {
    const reason = Symbol('enough')
    const checking = checkTokenReviewAccess(stubTransport(answer({})), { signal: AbortSignal.abort(reason) })
    await expect(checking).rejects.toBe(reason)
  })
})
