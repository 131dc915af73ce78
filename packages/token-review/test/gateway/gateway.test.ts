import {
  createCoalescingReviewer,
  createKubernetesReviewer,
  createLimitedReviewer,
  createPreCheckedReviewer,
  createPublishedKeys,
  createRateLimitedTransport,
  createRememberingReviewer,
  type KubernetesTransport,
  type ReviewEvent,
} from '@meshid/token-review'
import { describe, expect, it } from 'vitest'
import { failure } from '../failure.ts'
import { fakeClock } from '../fake-clock.ts'
import { accepted, reviewAnswer, stubTransport } from '../stub-transport.ts'
import { testKey } from './jwt.ts'
import { keepEvents } from './stub-reviewer.ts'

const [key, impostor] = await Promise.all([testKey('a'), testKey('a')])
const jwks = stubTransport({ status: 200, body: JSON.stringify({ keys: [key.jwk] }) })

/** All layers, in the order of the README. */
async function gateway(api: KubernetesTransport) {
  const clock = fakeClock()
  const { events, observer, types } = keepEvents()
  const watch = { observer, monotonicMs: () => 0 }
  const transport = createRateLimitedTransport(api, { qps: 100, burst: 200, clock, ...watch })
  const keys = createPublishedKeys({ transport: jwks, clock, ...watch })
  await keys.refresh()
  const limited = createLimitedReviewer(createKubernetesReviewer({ transport, ...watch }), { clock, ...watch })
  const checked = createPreCheckedReviewer(limited, { keys, clock, opaqueTokens: 'refuse', ...watch })
  const memory = createRememberingReviewer(checked, { clock, ...watch })
  const reviewer = createCoalescingReviewer(memory, watch)
  return { reviewer, clock, events, types }
}

/** A new token each time, also where signatures of the same text are the same. */
const good = (clock: { now(): Date }): Promise<string> =>
  key.sign({
    sub: 'system:serviceaccount:emojivoto:web',
    aud: ['identity.l5d.io'],
    exp: clock.now().getTime() / 1000 + 3600,
    jti: crypto.randomUUID(),
  })

describe('the layers together', () => {
  it('make one review of a thousand callers, and none of those who come soon after', async () => {
    const api = stubTransport(reviewAnswer(accepted))
    const { reviewer, clock, types } = await gateway(api)
    const token = await good(clock)
    const accounts = await Promise.all(Array.from({ length: 1000 }, () => reviewer.review(token)))
    expect(new Set(accounts.map(({ podName }) => podName))).toEqual(new Set(['web-1']))
    await reviewer.review(token)
    expect(api.requests).toHaveLength(1)
    const count = (type: ReviewEvent['type']): number => types().filter((found) => found === type).length
    expect([count('reviewed'), count('pre-check-verified')]).toEqual([1, 1])
    expect(count('coalesced') + count('remembered-positive')).toBe(1000)
  })

  it('send nothing hopeless to the API server, and remember that it was', async () => {
    const api = stubTransport(reviewAnswer(accepted))
    const { reviewer, clock, types } = await gateway(api)
    const forged = await impostor.sign({ exp: clock.now().getTime() / 1000 + 60 })
    for (const token of [forged, forged, 'opaque']) {
      expect((await failure(reviewer.review(token))).code).toBe('TOKEN_REVIEW_REJECTED')
    }
    expect(api.requests).toEqual([])
    expect(types()).toEqual(['keys-refreshed', 'pre-check-refused', 'remembered-negative', 'pre-check-refused'])
  })

  it('refuse an account whose many tokens ask too often, by its verified name', async () => {
    const api = stubTransport(reviewAnswer(accepted))
    const { reviewer, clock, events } = await gateway(api)
    for (let index = 0; index < 100; index += 1) await reviewer.review(await good(clock))
    expect((await failure(reviewer.review(await good(clock)))).code).toBe('TOKEN_REVIEW_RATE_LIMITED')
    expect(events.at(-1)).toMatchObject({ type: 'rate-limited', subject: 'system:serviceaccount:emojivoto:web' })
    expect(api.requests).toHaveLength(100)
  })

  it('never remember that a caller gave up, that the account was limited, or that the server was down', async () => {
    let up = false
    const api = stubTransport(async () =>
      up ? { status: 201, headers: {}, body: '', ...reviewAnswer(accepted) } : { status: 503, headers: {}, body: '' },
    )
    const { reviewer, clock } = await gateway(api)
    const token = await good(clock)
    expect((await failure(reviewer.review(token))).code).toBe('TOKEN_REVIEW_UNAVAILABLE')
    await expect(reviewer.review(token, { signal: AbortSignal.abort('gone') })).rejects.toBe('gone')
    up = true
    expect((await reviewer.review(token)).podName).toBe('web-1')
  })
})
