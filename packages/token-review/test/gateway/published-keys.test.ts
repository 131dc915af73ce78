import {
  createPublishedKeys,
  DEFAULT_KEYS_MAX_AGE_MS,
  DEFAULT_KEYS_MIN_REFRESH_MS,
  DEFAULT_KEYS_REFRESH_MS,
  type KubernetesResponse,
  MAX_PUBLISHED_KEYS,
  type PublishedKeys,
  type PublishedKeysOptions,
} from '@meshid/token-review'
import type { JWK } from 'jose'
import { describe, expect, it, vi } from 'vitest'
import { failure } from '../failure.ts'
import { type FakeClock, fakeClock } from '../fake-clock.ts'
import { type StubTransport, stubTransport } from '../stub-transport.ts'
import { type TestKey, testKey, unsignedJwt } from './jwt.ts'
import { type KeptEvents, keepEvents } from './stub-reviewer.ts'

const deadline = { timeout: 10_000 }
const [a, b, impostor, rsa] = await Promise.all([testKey('a'), testKey('b'), testKey('a'), testKey('rsa', 'RS256')])
const claims = { sub: 'system:serviceaccount:emojivoto:web' }

interface Setup extends KeptEvents {
  readonly keys: PublishedKeys
  readonly clock: FakeClock
  readonly transport: StubTransport
  /** What the server publishes from now on; an error is what it fails with. */
  readonly publish: (keys: readonly unknown[] | KubernetesResponse | Error) => void
}

function setUp(published: readonly unknown[], options: Partial<PublishedKeysOptions> = {}): Setup {
  let answer: readonly unknown[] | KubernetesResponse | Error = published
  const clock = fakeClock()
  const kept = keepEvents()
  const transport = stubTransport(async () => {
    if (answer instanceof Error) throw answer
    return 'status' in answer ? answer : { status: 200, headers: {}, body: JSON.stringify({ keys: answer }) }
  })
  const keys = createPublishedKeys({ transport, clock, observer: kept.observer, ...options })
  return { ...kept, keys, clock, transport, publish: (next) => void (answer = next) }
}

async function fetched(published: readonly TestKey[], options?: Partial<PublishedKeysOptions>): Promise<Setup> {
  const setup = setUp(
    published.map(({ jwk }) => jwk),
    options,
  )
  await setup.keys.refresh()
  return setup
}

const refused = async (promise: Promise<unknown>): Promise<string | undefined> =>
  (await failure(promise)).detail.preCheck

describe('createPublishedKeys', () => {
  it('verifies a token by the key that it names, and gives its claims', async () => {
    const { keys, transport } = await fetched([a, b, rsa])
    const token = await b.sign({ ...claims, aud: 'identity.l5d.io', exp: 1_800_000_000, nbf: 1_700_000_000.5 })
    expect(await keys.verify(token)).toMatchObject({
      subject: claims.sub,
      audiences: ['identity.l5d.io'],
      expiresAt: new Date(1_800_000_000_000),
      notBefore: new Date(1_700_000_000_500),
    })
    expect(await keys.verify(await rsa.sign(claims))).toMatchObject({ subject: claims.sub })
    expect(transport.requests).toEqual([{ method: 'GET', path: '/openid/v1/jwks' }])
  })

  it('says nothing of claims that are absent or of another type', async () => {
    const { keys } = await fetched([a])
    const verified = await keys.verify(await a.sign({ sub: '', aud: [1] as never, exp: 'soon' as never }))
    expect(verified).toMatchObject({
      subject: undefined,
      audiences: undefined,
      expiresAt: undefined,
      notBefore: undefined,
    })
  })

  it('finds the key of a token that names none', async () => {
    const { keys } = await fetched([b, a])
    expect(await keys.verify(await a.sign(claims, {}))).toMatchObject({ subject: claims.sub })
    const { kid: _, ...nameless } = a.jwk
    const other = setUp([nameless])
    await other.keys.refresh()
    expect(await other.keys.verify(await a.sign(claims))).toMatchObject({ subject: claims.sub })
  })

  it('refuses a signature by another key, a changed payload, and another algorithm', async () => {
    const { keys, events } = await fetched([a])
    const [header, payload, signature] = (await a.sign(claims)).split('.')
    expect(await refused(keys.verify(await impostor.sign(claims)))).toBe('signature')
    expect(await refused(keys.verify(`${header}.${unsignedJwt({ sub: 'x' }).split('.')[1]}.${signature}`))).toBe(
      'signature',
    )
    expect(await refused(keys.verify(`${header}.${payload}.`))).toBe('signature')
    expect(await refused(keys.verify(unsignedJwt(claims, { alg: 'none' })))).toBe('unknown-key')
    expect(await refused(keys.verify(unsignedJwt(claims, { alg: 'HS256', kid: 'a' })))).toBe('unknown-key')
    expect(events.map(({ type }) => type)).toEqual(['keys-refreshed'])
  })

  it('refuses in the code of a review, and never quotes the token', async () => {
    const { keys } = await fetched([a])
    const token = await impostor.sign(claims)
    const error = await failure(keys.verify(token))
    expect(error).toMatchObject({
      code: 'TOKEN_REVIEW_REJECTED',
      detail: { preCheck: 'signature', reason: expect.stringMatching(/^\[invalid bearer token, /) },
    })
    expect(error.cause).toBeUndefined()
    for (const part of token.split('.')) expect(`${error.stack}${JSON.stringify(error)}`).not.toContain(part)
  })

  it('has nothing to say of what is no JWT', async () => {
    const { keys } = await fetched([a])
    expect(await keys.verify('opaque')).toBeUndefined()
  })

  it.each([
    ['refreshMs', { refreshMs: 0 }],
    ['minRefreshMs', { refreshMs: 10, minRefreshMs: 11 }],
    ['maxAgeMs', { refreshMs: 10, maxAgeMs: 9 }],
  ])('refuses a wrong %s: %j', (name, options) => {
    expect(() => setUp([], options)).toThrow(new RegExp(`^${name}: expected`))
  })
})

describe('the keys', () => {
  it('are not waited for: before the first fetch nothing is refused', async () => {
    const { keys, transport } = setUp([a.jwk])
    expect([keys.size, await keys.verify(await impostor.sign(claims))]).toEqual([0, undefined])
    await vi.waitFor(() => expect(keys.size).toBe(1), deadline)
    expect(transport.requests).toHaveLength(1)
    expect(await refused(keys.verify(await impostor.sign(claims)))).toBe('signature')
  })

  it('are fetched again by the first token after refreshMs, which does not wait for them', async () => {
    const { keys, clock, transport, publish, types } = await fetched([a])
    publish([a.jwk, b.jwk])
    await clock.advance(DEFAULT_KEYS_REFRESH_MS - 1)
    await keys.verify(await a.sign(claims))
    expect(transport.requests).toHaveLength(1)
    await clock.advance(1)
    await keys.verify(await a.sign(claims))
    await vi.waitFor(() => expect(keys.size).toBe(2), deadline)
    expect(types()).toEqual(['keys-refreshed', 'keys-refreshed'])
  })

  it('are fetched at once for a token that names an unknown one, so that a rotation is not noticed', async () => {
    const { keys, clock, transport, publish } = await fetched([a])
    publish([a.jwk, b.jwk])
    await clock.advance(DEFAULT_KEYS_MIN_REFRESH_MS)
    expect(await keys.verify(await b.sign(claims))).toMatchObject({ subject: claims.sub })
    expect(transport.requests).toHaveLength(2)
  })

  it('are fetched at most once in minRefreshMs, however many unknown ones are named', async () => {
    const { keys, clock, transport } = await fetched([a], { minRefreshMs: 1000 })
    const verify = async (): Promise<unknown> =>
      refused(keys.verify(unsignedJwt(claims, { alg: 'ES256', kid: 'made up' })))
    for (let second = 0; second < 3; second += 1) {
      const outcomes = await Promise.all(Array.from({ length: 50 }, verify))
      expect(new Set(outcomes)).toEqual(new Set(['unknown-key']))
      expect(transport.requests).toHaveLength(second + 1)
      await clock.advance(1000)
    }
  })

  it('that cannot be fetched refuse nobody: an unknown key is left to the review', async () => {
    const { keys, clock, publish, events } = await fetched([a])
    publish(new Error('down'))
    await clock.advance(DEFAULT_KEYS_MIN_REFRESH_MS)
    expect(await keys.verify(await b.sign(claims))).toBeUndefined()
    expect(await keys.verify(await b.sign(claims))).toBeUndefined()
    expect(await refused(keys.verify(await impostor.sign(claims)))).toBe('signature')
    expect(events.at(-1)).toMatchObject({ type: 'keys-failed', code: 'TOKEN_REVIEW_UNREACHABLE' })
  })

  it('are asked for less and less often while they cannot be fetched, and at once again afterwards', async () => {
    const { keys, clock, transport, publish } = await fetched([a], { minRefreshMs: 1000, refreshMs: 8000 })
    publish({ status: 403, headers: {}, body: '' })
    const token = await b.sign(claims)
    for (let second = 0; second < 60; second += 1) {
      await clock.advance(1000)
      expect(await keys.verify(token)).toBeUndefined()
    }
    expect(transport.requests.length).toBeLessThan(14)
    publish([b.jwk])
    await clock.advance(8000)
    expect(await keys.verify(token)).toMatchObject({ subject: claims.sub })
  })

  it('are as good as none when they are too old', async () => {
    const { keys, clock, publish } = await fetched([a])
    publish(new Error('down'))
    await clock.advance(DEFAULT_KEYS_MAX_AGE_MS - 1)
    expect(await refused(keys.verify(await impostor.sign(claims)))).toBe('signature')
    await clock.advance(1)
    expect([keys.size, await keys.verify(await impostor.sign(claims))]).toEqual([0, undefined])
  })

  it('are as good as none when the wall clock goes back behind them, until they are fetched again', async () => {
    const { keys, clock, transport } = await fetched([a])
    clock.jump(-60_000)
    expect(await keys.verify(await impostor.sign(claims))).toBeUndefined()
    await vi.waitFor(() => expect(keys.size).toBe(1), deadline)
    expect(transport.requests).toHaveLength(2)
  })

  it('of other kinds are ignored, and counted', async () => {
    const { d: _, ...publicPart } = { ...a.jwk, d: 'secret' }
    const { alg: __, ...withoutAlg } = b.jwk
    const odd: readonly unknown[] = [
      null,
      'text',
      { kty: 'oct', k: 'c2VjcmV0', alg: 'HS256' },
      { ...a.jwk, use: 'enc' },
      { ...a.jwk, crv: 'P-384' },
      { ...a.jwk, x: '!' },
      { kty: 'EC', crv: 'secp256k1', x: 'AA', y: 'AA' },
      { kty: 'OKP', crv: 'Ed25519', x: 'AA' },
      (await testKey('ps', 'PS256')).jwk,
    ]
    const { keys, events } = setUp([...odd, publicPart, withoutAlg, (await testKey('c', 'ES384')).jwk])
    await keys.refresh()
    expect(events).toEqual([{ type: 'keys-refreshed', keys: 3, ignored: odd.length, durationMs: undefined }])
    expect(await keys.verify(await b.sign(claims))).toMatchObject({ subject: claims.sub })
  })

  it('are told their algorithm by their kind when they do not say it', async () => {
    const bare = ({ jwk }: TestKey): JWK => {
      const { alg: _, use: __, ...rest } = jwk
      return rest
    }
    const c = await testKey('c', 'ES384')
    const { keys } = setUp([bare(a), bare(rsa), bare(c)])
    await keys.refresh()
    for (const key of [a, rsa, c]) {
      expect(await keys.verify(await key.sign(claims))).toMatchObject({ subject: claims.sub })
    }
  })

  it('are never more than the limit', async () => {
    const { keys, events } = setUp(Array.from({ length: MAX_PUBLISHED_KEYS + 5 }, () => a.jwk))
    await keys.refresh()
    expect(events).toMatchObject([{ keys: MAX_PUBLISHED_KEYS, ignored: 5 }])
  })
})

describe('refresh', () => {
  it.each([
    ['no JSON', { status: 200, headers: {}, body: '<html>' }, 'TOKEN_REVIEW_RESPONSE_INVALID'],
    ['no set', { status: 200, headers: {}, body: '{}' }, 'TOKEN_REVIEW_RESPONSE_INVALID'],
    ['no rights', { status: 403, headers: {}, body: '' }, 'TOKEN_REVIEW_FORBIDDEN'],
    ['an overloaded server', { status: 429, headers: {}, body: '' }, 'TOKEN_REVIEW_UNAVAILABLE'],
  ])('tells of %s, and keeps the keys', async (_, answer, code) => {
    const { keys, publish, events } = await fetched([a])
    publish(answer)
    expect((await failure(keys.refresh())).code).toBe(code)
    expect(events.at(-1)).toMatchObject({ type: 'keys-failed', code, error: { code } })
    expect(keys.size).toBe(1)
  })

  it('is one fetch for all who ask at once, and each may give up on his own', async () => {
    const { keys, transport } = setUp([a.jwk])
    const abort = new AbortController()
    const both = Promise.allSettled([keys.refresh({ signal: abort.signal }), keys.refresh()])
    abort.abort('enough')
    expect(await both).toMatchObject([{ status: 'rejected', reason: 'enough' }, { status: 'fulfilled' }])
    expect(transport.requests).toHaveLength(1)
    await expect(keys.refresh({ signal: AbortSignal.abort('before') })).rejects.toBe('before')
  })

  it('for an unknown key is not waited for by a caller who has given up already', async () => {
    const { keys, clock } = await fetched([a])
    await clock.advance(DEFAULT_KEYS_MIN_REFRESH_MS)
    await expect(keys.verify(await b.sign(claims), { signal: AbortSignal.abort('before') })).rejects.toBe('before')
  })

  it('for an unknown key can be given up by the caller whose token names it', async () => {
    const { keys, clock, publish } = await fetched([a])
    publish([b.jwk])
    await clock.advance(DEFAULT_KEYS_MIN_REFRESH_MS)
    const abort = new AbortController()
    const verifying = keys.verify(await b.sign(claims), { signal: abort.signal })
    abort.abort('enough')
    await expect(verifying).rejects.toBe('enough')
  })
})
