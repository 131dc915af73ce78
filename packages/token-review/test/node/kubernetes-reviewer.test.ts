import { createTestClock } from '@meshid/testkit'
import { checkTokenReviewAccess, createKubernetesReviewer } from '@meshid/token-review'
import { describe, expect, it } from 'vitest'
import { failure } from '../failure.ts'
import { startTestCluster } from './cluster.ts'

const web = { namespace: 'emojivoto', name: 'web' }
const CALLER = 'system:serviceaccount:linkerd:linkerd-identity'

describe('a reviewer, over HTTPS, with real service account tokens', () => {
  it('names the account, the pod and the node of a projected token', async () => {
    await using cluster = await startTestCluster()
    const { api, transport } = cluster
    const reviewer = createKubernetesReviewer({ transport })
    const account = await reviewer.review(await api.createToken({ ...web, podName: 'web-1' }))
    expect(account).toMatchObject({
      serviceAccount: web,
      uid: api.serviceAccount(web)?.uid,
      audiences: ['identity.l5d.io'],
      podName: 'web-1',
      podUid: api.pod({ namespace: 'emojivoto', name: 'web-1' })?.uid,
      nodeName: 'node-1',
    })
  })

  it('refuses a token that expired, lost its pod, lost its account, or is none', async () => {
    const clock = createTestClock(new Date('2026-11-21T10:00:00Z'))
    await using cluster = await startTestCluster({ api: { clock } })
    const { api, transport } = cluster
    const reviewer = createKubernetesReviewer({ transport })
    const reasonFor = async (token: string): Promise<unknown> => {
      const { code, detail } = await failure(reviewer.review(token))
      return [code, detail.reason]
    }
    const [free, bound] = [await api.createToken(web), await api.createToken({ ...web, podName: 'web-1' })]
    api.deletePod({ namespace: 'emojivoto', name: 'web-1' })
    const rejected = 'TOKEN_REVIEW_REJECTED'
    expect(await reasonFor(bound)).toEqual([
      rejected,
      '[invalid bearer token, service account token has been invalidated]',
    ])
    await clock.advance(3_661_000)
    expect(await reasonFor(free)).toEqual([rejected, '[invalid bearer token, service account token has expired]'])
    const fresh = await api.createToken(web)
    api.deleteServiceAccount(web)
    expect(await reasonFor(fresh)).toEqual([rejected, '[invalid bearer token, serviceaccounts "web" not found]'])
    expect(await reasonFor('garbage')).toEqual([rejected, '[invalid bearer token, token lookup failed]'])
  })

  it('tells a token for another audience from a bad one (Q25, Q26)', async () => {
    await using cluster = await startTestCluster()
    const { api, transport } = cluster
    const token = await api.createToken({ ...web, audiences: ['https://kubernetes.default.svc'] })
    expect(await failure(createKubernetesReviewer({ transport }).review(token))).toMatchObject({
      code: 'TOKEN_REVIEW_WRONG_AUDIENCE',
      detail: { reason: expect.stringContaining('"https://kubernetes.default.svc"') },
    })
    expect(api.requestCount('tokenReview')).toBe(1)
  })

  it('refuses an authenticator that knows no audiences, unless it is accepted knowingly', async () => {
    await using cluster = await startTestCluster({ api: { knowsAudiences: false } })
    const { api, transport } = cluster
    const token = await api.createToken(web)
    expect(await failure(createKubernetesReviewer({ transport }).review(token))).toMatchObject({
      code: 'TOKEN_REVIEW_AUDIENCE_UNPROVEN',
    })
    const lenient = createKubernetesReviewer({ transport, unawareAuthenticator: 'accept' })
    expect(await lenient.review(token)).toMatchObject({ serviceAccount: web, audiences: [] })
  })

  it('refuses the token of a node, which is no service account (Q27)', async () => {
    await using cluster = await startTestCluster()
    const reviewer = createKubernetesReviewer({ transport: cluster.transport })
    expect(await failure(reviewer.review(cluster.api.kubeletToken))).toMatchObject({
      code: 'TOKEN_REVIEW_USERNAME_INVALID',
      detail: { found: 'system:node:node-1' },
    })
  })

  it('keeps our troubles apart from those of the token: our own token, our rights, an overloaded server', async () => {
    await using cluster = await startTestCluster()
    const { api, transport } = cluster
    const reviewer = createKubernetesReviewer({ transport })
    const token = await api.createToken(web)
    const code = async (): Promise<string> => (await failure(reviewer.review(token))).code

    api.failNext(1, { status: 429, retryAfterSeconds: 3 })
    expect(await failure(reviewer.review(token))).toMatchObject({
      code: 'TOKEN_REVIEW_UNAVAILABLE',
      detail: { status: 429, retryAfterMs: 3000 },
    })
    api.failNext(1, { status: 503 })
    expect(await code()).toBe('TOKEN_REVIEW_UNAVAILABLE')
    api.revoke(CALLER, 'tokenreviews')
    expect(await failure(reviewer.review(token))).toMatchObject({
      code: 'TOKEN_REVIEW_FORBIDDEN',
      detail: { reason: expect.stringContaining(`User "${CALLER}" cannot create resource "tokenreviews"`) },
    })
    api.deleteServiceAccount({ namespace: 'linkerd', name: 'linkerd-identity' })
    expect(await code()).toBe('TOKEN_REVIEW_CALLER_UNAUTHENTICATED')
  })

  it('checks its own right at start', async () => {
    await using cluster = await startTestCluster()
    const { api, transport } = cluster
    await expect(checkTokenReviewAccess(transport)).resolves.toBeUndefined()
    api.revoke(CALLER, 'tokenreviews')
    expect(await failure(checkTokenReviewAccess(transport))).toMatchObject({ code: 'TOKEN_REVIEW_FORBIDDEN' })
    expect(api.requestCount('accessReview')).toBe(2)
  })
})
