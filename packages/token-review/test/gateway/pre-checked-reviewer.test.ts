import {
  createPreCheckedReviewer,
  createPublishedKeys,
  PRE_CHECK_LEEWAY_MS,
  type PreCheckedReviewerOptions,
  type PublishedKeys,
  type TokenReviewer,
} from '@meshid/token-review'
import type { JWTPayload } from 'jose'
import { describe, expect, it } from 'vitest'
import { failure } from '../failure.ts'
import { type FakeClock, fakeClock } from '../fake-clock.ts'
import { stubTransport } from '../stub-transport.ts'
import { testKey, unsignedJwt } from './jwt.ts'
import { type KeptEvents, keepEvents, type StubReviewer, stubReviewer, web } from './stub-reviewer.ts'

const [key, impostor] = await Promise.all([testKey('a'), testKey('a')])
const subject = 'system:serviceaccount:emojivoto:web'

interface Setup extends KeptEvents {
  readonly clock: FakeClock
  readonly inner: StubReviewer
  readonly keys: PublishedKeys
  readonly reviewer: TokenReviewer
  /** A token of the cluster, good for an hour from now unless told otherwise. */
  readonly token: (claims?: JWTPayload) => Promise<string>
}

function setUp(options: Partial<PreCheckedReviewerOptions> = {}): Setup {
  const clock = fakeClock()
  const transport = stubTransport({ status: 200, body: JSON.stringify({ keys: [key.jwk] }) })
  const keys = createPublishedKeys({ transport, clock })
  const inner = stubReviewer()
  const kept = keepEvents()
  const reviewer = createPreCheckedReviewer(inner, { keys, clock, observer: kept.observer, ...options })
  const now = clock.now().getTime() / 1000
  const token = (claims: JWTPayload = {}): Promise<string> =>
    key.sign({ sub: subject, aud: ['identity.l5d.io'], exp: now + 3600, nbf: now, ...claims })
  return { ...kept, clock, inner, keys, reviewer, token }
}

async function withKeys(options?: Partial<PreCheckedReviewerOptions>): Promise<Setup> {
  const setup = setUp(options)
  await setup.keys.refresh()
  return setup
}

describe('createPreCheckedReviewer', () => {
  it('still asks for every token that it cannot refuse, and hands the verified claims on', async () => {
    const { reviewer, inner, token, events } = await withKeys()
    const text = await token()
    const { signal } = new AbortController()
    expect(await reviewer.review(new TextEncoder().encode(text), { signal })).toBe(web)
    expect(inner.tokens).toEqual([text])
    expect(inner.options[0]).toMatchObject({ signal, claims: { subject } })
    expect(events).toEqual([{ type: 'pre-check-verified', subject, durationMs: undefined }])
  })

  it('refuses a forged token without a call, in the code of a review', async () => {
    const { reviewer, inner, events } = await withKeys()
    const forged = await impostor.sign({ sub: subject, aud: ['identity.l5d.io'] })
    expect(await failure(reviewer.review(forged))).toMatchObject({
      code: 'TOKEN_REVIEW_REJECTED',
      detail: { preCheck: 'signature' },
    })
    expect(inner.tokens).toEqual([])
    expect(events).toMatchObject([{ type: 'pre-check-refused', code: 'TOKEN_REVIEW_REJECTED', reason: 'signature' }])
  })

  it('refuses an expired token in the words of the API server, after the leeway that it grants', async () => {
    const { reviewer, inner, token, clock } = await withKeys()
    const text = await token()
    await clock.advance(3_600_000 + PRE_CHECK_LEEWAY_MS)
    await reviewer.review(text)
    await clock.advance(1)
    expect(await failure(reviewer.review(text))).toMatchObject({
      code: 'TOKEN_REVIEW_REJECTED',
      detail: { preCheck: 'expired', reason: '[invalid bearer token, service account token has expired]' },
    })
    expect(inner.tokens).toHaveLength(1)
  })

  it('refuses a token from the future, beyond the leeway', async () => {
    const { reviewer, token, clock } = await withKeys()
    const nbf = clock.now().getTime() / 1000 + 120
    expect(await failure(reviewer.review(await token({ nbf })))).toMatchObject({
      detail: { preCheck: 'not-yet-valid' },
    })
    await clock.advance(PRE_CHECK_LEEWAY_MS)
    await reviewer.review(await token({ nbf }))
  })

  it('refuses a token for other audiences in the words of the API server (Q25)', async () => {
    const { reviewer, token } = await withKeys()
    expect(await failure(reviewer.review(await token({ aud: ['a', 'b"'] })))).toMatchObject({
      code: 'TOKEN_REVIEW_WRONG_AUDIENCE',
      detail: {
        preCheck: 'audience',
        reason:
          '[invalid bearer token, token audiences ["a" "b\\""] is invalid for the target audiences ["identity.l5d.io"]]',
      },
    })
  })

  it('takes a token for any of the audiences, or leaves them to the review', async () => {
    const two = await withKeys({ audiences: ['x', 'y'] })
    await two.reviewer.review(await two.token({ aud: 'y' }))
    expect((await failure(two.reviewer.review(await two.token()))).code).toBe('TOKEN_REVIEW_WRONG_AUDIENCE')
    const unchecked = await withKeys({ audiences: 'unchecked' })
    await unchecked.reviewer.review(await unchecked.token({ aud: 'z' }))
    expect([two.inner.tokens.length, unchecked.inner.tokens.length]).toEqual([1, 1])
  })

  it('leaves tokens without audiences or times, as old clusters have them, to the review', async () => {
    const { reviewer, inner } = await withKeys()
    await reviewer.review(await key.sign({ sub: subject }))
    expect(inner.tokens).toHaveLength(1)
  })

  it('never fails because keys are missing, and never lets a token by without a review', async () => {
    const { reviewer, inner, token, types } = setUp()
    const tokens = [await token(), await impostor.sign({}), 'opaque']
    for (const text of tokens) expect(await reviewer.review(text)).toBe(web)
    expect(inner.tokens.slice(0, 1)).toEqual(tokens.slice(0, 1))
    expect(types()[0]).toBe('pre-check-passed')
  })

  it('leaves a token that is no JWT to the review, or refuses it knowingly', async () => {
    const lenient = await withKeys()
    await lenient.reviewer.review('opaque')
    expect(lenient.events).toMatchObject([{ type: 'pre-check-passed', why: 'no-jwt' }])
    const strict = await withKeys({ opaqueTokens: 'refuse' })
    expect(await failure(strict.reviewer.review('opaque'))).toMatchObject({
      code: 'TOKEN_REVIEW_REJECTED',
      detail: { preCheck: 'no-jwt', reason: '[invalid bearer token, token lookup failed]' },
    })
    expect([lenient.inner.tokens, strict.inner.tokens]).toEqual([['opaque'], []])
  })

  it('refuses no opaque token while there are no keys: perhaps the cluster publishes none', async () => {
    const clock = fakeClock()
    const keys = createPublishedKeys({ transport: stubTransport({ status: 404 }), clock })
    const { reviewer, inner, events } = setUp({ keys, opaqueTokens: 'refuse' })
    await reviewer.review('opaque')
    await reviewer.review(unsignedJwt({}))
    expect(inner.tokens).toHaveLength(2)
    expect(events).toMatchObject([{ why: 'no-jwt' }, { why: 'no-keys' }])
  })

  it('hands a failure of the inner reviewer on, which is no refusal of its own', async () => {
    const clock = fakeClock()
    const keys = createPublishedKeys({ transport: stubTransport({ status: 404 }), clock })
    const { observer, types } = keepEvents()
    const inner = stubReviewer(() => Promise.reject(new TypeError('inner')))
    const reviewer = createPreCheckedReviewer(inner, { keys, clock, observer })
    await expect(reviewer.review('opaque')).rejects.toThrow('inner')
    expect(types()).toEqual(['pre-check-passed'])
  })

  it('asks nobody for a caller who has given up, nor for what cannot be a token', async () => {
    const { reviewer, inner, token } = await withKeys()
    await expect(reviewer.review(await token(), { signal: AbortSignal.abort('gone') })).rejects.toBe('gone')
    expect((await failure(reviewer.review(''))).code).toBe('TOKEN_REVIEW_TOKEN_INVALID')
    const abort = new AbortController()
    const reviewing = reviewer.review(await token(), { signal: abort.signal })
    abort.abort('meanwhile')
    await expect(reviewing).rejects.toBe('meanwhile')
    expect(inner.tokens).toEqual([])
  })

  it('needs an audience', () => {
    expect(() => setUp({ audiences: [] })).toThrow(RangeError)
  })
})
