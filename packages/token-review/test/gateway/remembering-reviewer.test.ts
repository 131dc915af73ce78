import {
  createRememberingReviewer,
  DEFAULT_NEGATIVE_TTL_MS,
  DEFAULT_TTL_MS,
  MAX_TTL_MS,
  type RememberingReviewer,
  type RememberingReviewerOptions,
  tokenReviewErrorCodes,
  type TokenReviewErrorCode,
} from '@meshid/token-review'
import { describe, expect, it, vi } from 'vitest'
import { failure } from '../failure.ts'
import { type FakeClock, fakeClock } from '../fake-clock.ts'
import { unsignedJwt } from './jwt.ts'
import { heldReviewer, keepEvents, refusal, type StubReviewer, stubReviewer, web } from './stub-reviewer.ts'

interface Setup<Inner> {
  readonly clock: FakeClock
  readonly inner: Inner
  readonly reviewer: RememberingReviewer
}

function remembering(options?: Partial<RememberingReviewerOptions>): Setup<StubReviewer>
function remembering<Inner extends StubReviewer>(
  options: Partial<RememberingReviewerOptions>,
  inner: Inner,
): Setup<Inner>
function remembering(options: Partial<RememberingReviewerOptions> = {}, inner: StubReviewer = stubReviewer()) {
  const clock = fakeClock()
  return { clock, inner, reviewer: createRememberingReviewer(inner, { clock, ...options }) }
}

const refusing = (code: TokenReviewErrorCode): StubReviewer =>
  stubReviewer(() => Promise.reject(refusal(code, 'said so')))

const seconds = (clock: FakeClock): number => clock.now().getTime() / 1000

describe('createRememberingReviewer (Q31)', () => {
  it('remembers an account for ttlMs and not a moment longer', async () => {
    const { clock, inner, reviewer } = remembering()
    expect(await reviewer.review('a')).toBe(web)
    await clock.advance(DEFAULT_TTL_MS - 1)
    expect(await reviewer.review(new TextEncoder().encode('a'))).toBe(web)
    expect(inner.tokens).toEqual(['a'])
    await clock.advance(1)
    expect(await reviewer.review('a')).toBe(web)
    expect(inner.tokens).toEqual(['a', 'a'])
  })

  it('counts from before the review was asked for, so that a slow one is not remembered for longer', async () => {
    const { clock, inner, reviewer } = remembering({ ttlMs: 1000 }, heldReviewer())
    const slow = reviewer.review('a')
    await vi.waitFor(() => expect(inner.tokens).toHaveLength(1))
    await clock.advance(1000)
    inner.accept()
    await slow
    expect(reviewer.size).toBe(0)
  })

  it('never takes one token for another', async () => {
    const { inner, reviewer } = remembering()
    await reviewer.review('a')
    await reviewer.review('b')
    expect([inner.tokens, reviewer.size]).toEqual([['a', 'b'], 2])
  })

  it('remembers nothing for 0 milliseconds', async () => {
    const { inner, reviewer } = remembering({ ttlMs: 0 })
    await reviewer.review('a')
    await reviewer.review('a')
    expect([inner.tokens, reviewer.size]).toEqual([['a', 'a'], 0])
  })

  it('passes the options of the caller on', async () => {
    const { inner, reviewer } = remembering()
    const { signal } = new AbortController()
    await reviewer.review('a', { signal })
    expect(inner.options).toEqual([{ signal }])
  })

  it('is of no use to a caller who has given up', async () => {
    const { reviewer } = remembering()
    await reviewer.review('a')
    await expect(reviewer.review('a', { signal: AbortSignal.abort('gone') })).rejects.toBe('gone')
  })

  it('forgets when the wall clock goes back behind the answer', async () => {
    const { clock, inner, reviewer } = remembering()
    await reviewer.review('a')
    clock.jump(-1)
    await reviewer.review('a')
    expect(inner.tokens).toHaveLength(2)
  })

  it.each([
    ['ttlMs', { ttlMs: MAX_TTL_MS + 1 }],
    ['ttlMs', { ttlMs: -1 }],
    ['negativeTtlMs', { ttlMs: 100, negativeTtlMs: 101 }],
    ['maxEntries', { maxEntries: 0 }],
  ])('refuses a wrong %s: %j', (name, options) => {
    expect(() => remembering(options)).toThrow(new RegExp(`^${name}: expected`))
  })
})

describe('the exp of a token', () => {
  const askedTwice = async (token: (now: number) => string, afterMs: number): Promise<boolean> => {
    const { clock, inner, reviewer } = remembering({ ttlMs: 10_000 })
    const text = token(seconds(clock))
    await reviewer.review(text)
    await clock.advance(afterMs)
    await reviewer.review(text)
    return inner.tokens.length === 2
  }

  it('ends an answer before its time, to the millisecond', async () => {
    const token = (now: number): string => unsignedJwt({ exp: now + 4.5 })
    expect(await askedTwice(token, 4499)).toBe(false)
    expect(await askedTwice(token, 4500)).toBe(true)
  })

  it('never makes it last longer', async () => {
    expect(await askedTwice((now) => unsignedJwt({ exp: now + 3600 }), 9999)).toBe(false)
    expect(await askedTwice((now) => unsignedJwt({ exp: now + 3600 }), 10_000)).toBe(true)
  })

  it('in the past means that nothing is remembered, though the authority still takes the token', async () => {
    expect(await askedTwice((now) => unsignedJwt({ exp: now - 1 }), 0)).toBe(true)
    expect(await askedTwice((now) => unsignedJwt({ exp: now }), 0)).toBe(true)
  })

  it.each([['text'], [null], [true], [[1]], [1e300], [-1e300]])(
    'that is no instant, %j, means that nothing is remembered',
    async (exp) => {
      expect(await askedTwice(() => unsignedJwt({ exp }), 0)).toBe(true)
    },
  )

  it.each([
    ['no JWT', 'opaque'],
    ['two parts', 'e30.e30'],
    ['four parts', 'e30.e30.e30.e30'],
    ['an empty part', 'e30..c2ln'],
    ['standard base64', 'e30.e30=.c2ln'],
    ['a length that base64 cannot have', 'e30.abcde.c2ln'],
    ['a letter that base64 has not', 'e30.e3!0.c2ln'],
    ['JSON that is no object', 'e30.W10.c2ln'],
    ['no JSON', 'e30.e3s.c2ln'],
    ['no UTF-8', 'e30.-_8.c2ln'],
    ['a payload without exp', unsignedJwt({ sub: 'x' })],
  ])('of a token with %s is not looked for: the ttl counts', async (_, token) => {
    expect(await askedTwice(() => token, 9999)).toBe(false)
    expect(await askedTwice(() => token, 10_000)).toBe(true)
  })
})

describe('a refusal', () => {
  const verdicts: readonly TokenReviewErrorCode[] = [
    'TOKEN_REVIEW_REJECTED',
    'TOKEN_REVIEW_UNAUTHENTICATED',
    'TOKEN_REVIEW_WRONG_AUDIENCE',
    'TOKEN_REVIEW_USERNAME_INVALID',
  ]

  it.each(verdicts)('%s is remembered, for a shorter time', async (code) => {
    const { clock, inner, reviewer } = remembering({}, refusing(code))
    const first = await failure(reviewer.review('a'))
    await clock.advance(DEFAULT_NEGATIVE_TTL_MS - 1)
    const second = await failure(reviewer.review('a'))
    expect(second).toMatchObject({ code, message: first.message, detail: { reason: 'said so' } })
    expect(second).not.toBe(first)
    expect(inner.tokens).toHaveLength(1)
    await clock.advance(1)
    await failure(reviewer.review('a'))
    expect(inner.tokens).toHaveLength(2)
  })

  const others = Object.keys(tokenReviewErrorCodes).filter((code) => !verdicts.some((verdict) => verdict === code))
  it.each(others as TokenReviewErrorCode[])('%s is not remembered: it says nothing of the token', async (code) => {
    const { inner, reviewer } = remembering({}, refusing(code))
    await failure(reviewer.review('a'))
    await failure(reviewer.review('a'))
    expect([inner.tokens.length, reviewer.size]).toEqual([2, 0])
  })

  it('of another kind, or an abort, is not remembered', async () => {
    for (const error of [new TypeError('bug'), 'reason']) {
      const { inner, reviewer } = remembering(
        {},
        stubReviewer(() => Promise.reject(error)),
      )
      await expect(reviewer.review('a')).rejects.toBe(error)
      await expect(reviewer.review('a')).rejects.toBe(error)
      expect([inner.tokens.length, reviewer.size]).toEqual([2, 0])
    }
  })

  it('lasts no longer than an acceptance may', async () => {
    const { clock, inner, reviewer } = remembering({ ttlMs: 10 }, refusing('TOKEN_REVIEW_REJECTED'))
    await failure(reviewer.review('a'))
    await clock.advance(10)
    await failure(reviewer.review('a'))
    expect(inner.tokens).toHaveLength(2)
  })
})

describe('the bound', () => {
  it('drops the oldest answer, whether it was used or not', async () => {
    const { inner, reviewer } = remembering({ maxEntries: 2 })
    for (const token of ['a', 'b', 'a', 'c']) await reviewer.review(token)
    expect([inner.tokens, reviewer.size]).toEqual([['a', 'b', 'c'], 2])
    await reviewer.review('b')
    await reviewer.review('a')
    expect(inner.tokens).toEqual(['a', 'b', 'c', 'a'])
  })

  it('keeps bad tokens from pushing good ones out', async () => {
    const bad = refusal('TOKEN_REVIEW_REJECTED')
    const answer = (token: string) => (token === 'good' ? web : Promise.reject(bad))
    const { inner, reviewer } = remembering({ maxEntries: 10 }, stubReviewer(answer))
    await reviewer.review('good')
    for (let index = 0; index < 100; index += 1) await failure(reviewer.review(`bad-${index}`))
    expect(reviewer.size).toBe(11)
    await reviewer.review('good')
    expect(inner.tokens).toHaveLength(101)
  })

  it('lets go of what has ended as new answers come', async () => {
    const { clock, reviewer } = remembering()
    for (let index = 0; index < 50; index += 1) await reviewer.review(`token-${index}`)
    await clock.advance(DEFAULT_TTL_MS)
    await reviewer.review('new')
    expect(reviewer.size).toBe(1)
  })
})

describe('forgetting', () => {
  it('on request touches one token', async () => {
    const { inner, reviewer } = remembering()
    await reviewer.review('a')
    await reviewer.review('b')
    await reviewer.forget(new TextEncoder().encode('a'))
    await reviewer.review('b')
    await reviewer.review('a')
    expect(inner.tokens).toEqual(['a', 'b', 'a'])
  })

  it('everything leaves nothing, refusals included', async () => {
    const { reviewer } = remembering({}, refusing('TOKEN_REVIEW_REJECTED'))
    await failure(reviewer.review('a'))
    expect(reviewer.size).toBe(1)
    reviewer.clear()
    expect(reviewer.size).toBe(0)
  })

  it('also means an answer that is still on its way', async () => {
    const { inner, reviewer } = remembering({}, heldReviewer())
    const [accepted, refused] = [reviewer.review('a'), failure(reviewer.review('b'))]
    await vi.waitFor(() => expect(inner.tokens).toHaveLength(2))
    reviewer.clear()
    inner.accept()
    inner.refuse(refusal('TOKEN_REVIEW_REJECTED'))
    await accepted
    await refused
    expect(reviewer.size).toBe(0)
  })
})

describe('the observer', () => {
  it('is told of each answer from memory, with its age, the binding of the token, and no token', async () => {
    const { events, observer } = keepEvents()
    const answer = (token: string) => (token === 'good' ? web : Promise.reject(refusal('TOKEN_REVIEW_REJECTED')))
    const { clock, reviewer } = remembering({ observer, monotonicMs: () => 0 }, stubReviewer(answer))
    await reviewer.review('good')
    await failure(reviewer.review('secret'))
    await clock.advance(500)
    await reviewer.review('good')
    await failure(reviewer.review('secret'))
    expect(events).toEqual([
      { type: 'remembered-positive', account: web, ageMs: 500, durationMs: 0 },
      { type: 'remembered-negative', code: 'TOKEN_REVIEW_REJECTED', ageMs: 500, durationMs: 0 },
    ])
    expect(events[0]).toMatchObject({ account: { podName: 'web-1', nodeName: 'node-1' } })
    expect(JSON.stringify(events)).not.toContain('secret')
  })
})
