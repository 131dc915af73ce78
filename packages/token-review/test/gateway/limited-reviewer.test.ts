import {
  createLimitedReviewer,
  createPublishedKeys,
  DEFAULT_ACCOUNT_RATE,
  type LimitedReviewerOptions,
  type ReviewOptions,
  type VerifiedClaims,
} from '@meshid/token-review'
import { describe, expect, it } from 'vitest'
import { failure } from '../failure.ts'
import { fakeClock } from '../fake-clock.ts'
import { stubTransport } from '../stub-transport.ts'
import { testKey } from './jwt.ts'
import { keepEvents, stubReviewer } from './stub-reviewer.ts'

const key = await testKey('a')

/** Claims that were really verified: nothing else may name an account. */
async function claimsOf(sub?: string): Promise<VerifiedClaims | undefined> {
  const transport = stubTransport({ status: 200, body: JSON.stringify({ keys: [key.jwk] }) })
  const keys = createPublishedKeys({ transport, clock: fakeClock() })
  await keys.refresh()
  return keys.verify(await key.sign(sub === undefined ? {} : { sub }))
}

const [web, vote, nobody] = await Promise.all([
  claimsOf('system:serviceaccount:emojivoto:web'),
  claimsOf('system:serviceaccount:emojivoto:vote'),
  claimsOf(),
])

function limited(options: Omit<LimitedReviewerOptions, 'clock'> = { perAccount: { qps: 1, burst: 2 } }) {
  const clock = fakeClock()
  const inner = stubReviewer()
  const { events, observer } = keepEvents()
  const reviewer = createLimitedReviewer(inner, { clock, observer, ...options })
  let next = 0
  /** A review of a token that was not seen before. */
  const ask = (asked: ReviewOptions = {}): Promise<unknown> => reviewer.review(`token-${(next += 1)}`, asked)
  return { clock, inner, events, reviewer, ask }
}

describe('createLimitedReviewer (Q30)', () => {
  it('counts all tokens of a verified account together, and each account apart', async () => {
    const { ask, inner, clock } = limited()
    await ask({ claims: web })
    await ask({ claims: web })
    expect(await failure(ask({ claims: web }))).toMatchObject({
      code: 'TOKEN_REVIEW_RATE_LIMITED',
      detail: { retryAfterMs: 1000 },
    })
    await ask({ claims: vote })
    expect(inner.tokens).toHaveLength(3)
    await clock.advance(999)
    expect((await failure(ask({ claims: web }))).detail.retryAfterMs).toBe(1)
    await clock.advance(1)
    await ask({ claims: web })
    expect(inner.tokens).toHaveLength(4)
  })

  it('counts a token whose account nobody has verified by itself', async () => {
    const { reviewer } = limited()
    for (const asked of [{}, { claims: nobody }]) await reviewer.review('a', asked)
    expect((await failure(reviewer.review(new TextEncoder().encode('a')))).code).toBe('TOKEN_REVIEW_RATE_LIMITED')
    await reviewer.review('b')
  })

  it('passes the options on, the claims included', async () => {
    const { ask, inner } = limited()
    const { signal } = new AbortController()
    await ask({ claims: web, signal })
    expect(inner.options).toEqual([{ claims: web, signal }])
  })

  it('takes nothing for a caller who has given up, nor for what cannot be a token', async () => {
    const { reviewer, inner } = limited({ perAccount: { qps: 1, burst: 1 } })
    await expect(reviewer.review('a', { signal: AbortSignal.abort('gone') })).rejects.toBe('gone')
    expect((await failure(reviewer.review('a b'))).code).toBe('TOKEN_REVIEW_TOKEN_INVALID')
    await reviewer.review('a')
    expect(inner.tokens).toEqual(['a'])
  })

  it('has a limit by default', async () => {
    const { ask, inner } = limited({})
    for (let index = 0; index < DEFAULT_ACCOUNT_RATE.burst; index += 1) await ask({ claims: web })
    expect((await failure(ask({ claims: web }))).code).toBe('TOKEN_REVIEW_RATE_LIMITED')
    expect(inner.tokens).toHaveLength(DEFAULT_ACCOUNT_RATE.burst)
  })

  it('trusts no claims that nobody verified', async () => {
    const { ask, inner } = limited()
    const forged = Object.create(Object.getPrototypeOf(web) as object) as VerifiedClaims
    await expect(ask({ claims: forged })).rejects.toThrow(TypeError)
    expect(inner.tokens).toEqual([])
  })

  it('remembers a bounded number of accounts, the quietest of which begins anew', async () => {
    const { reviewer } = limited({ perAccount: { qps: 0.001, burst: 1 }, maxAccounts: 3 })
    for (const token of ['a', 'b', 'c']) await reviewer.review(token)
    await failure(reviewer.review('a'))
    await reviewer.review('d')
    expect(reviewer.accounts).toBe(3)
    await failure(reviewer.review('a'))
    await reviewer.review('b')
  })

  it('keeps made-up tokens from pushing verified accounts out', async () => {
    const { reviewer, ask } = limited({ perAccount: { qps: 0.001, burst: 1 }, maxAccounts: 5 })
    await ask({ claims: web })
    for (let index = 0; index < 50; index += 1) await ask()
    expect(reviewer.accounts).toBe(6)
    expect((await failure(ask({ claims: web }))).code).toBe('TOKEN_REVIEW_RATE_LIMITED')
  })

  it('forgets whoever has been quiet for long enough', async () => {
    const { reviewer, ask, clock } = limited({ perAccount: { qps: 1, burst: 1 } })
    for (let index = 0; index < 100; index += 1) await ask()
    expect(reviewer.accounts).toBe(100)
    await clock.advance(1000)
    await ask()
    expect(reviewer.accounts).toBe(1)
  })

  it('tells the observer whom it refused, if that is known, and never the token', async () => {
    const { reviewer, events } = limited({ perAccount: { qps: 1, burst: 1 } })
    for (const asked of [{ claims: web }, {}]) {
      await reviewer.review('secret', asked)
      await failure(reviewer.review('secret', asked))
    }
    expect(events).toEqual([
      {
        type: 'rate-limited',
        subject: 'system:serviceaccount:emojivoto:web',
        retryAfterMs: 1000,
        durationMs: undefined,
      },
      { type: 'rate-limited', subject: undefined, retryAfterMs: 1000, durationMs: undefined },
    ])
  })

  it.each([
    ['qps', { perAccount: { qps: 0, burst: 1 } }],
    ['burst', { perAccount: { qps: 1, burst: 0 } }],
    ['maxAccounts', { maxAccounts: 0 }],
  ])('refuses a wrong %s: %j', (name, options) => {
    expect(() => limited(options)).toThrow(new RegExp(`^${name}: expected`))
  })
})
