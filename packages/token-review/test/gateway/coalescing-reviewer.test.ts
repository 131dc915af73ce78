import { CALLERS_RETRY_AFTER_MS, type CoalescingReviewer, createCoalescingReviewer } from '@meshid/token-review'
import { describe, expect, it, vi } from 'vitest'
import { failure } from '../failure.ts'
import { heldReviewer, keepEvents, refusal, stubReviewer, web } from './stub-reviewer.ts'

const deadline = { timeout: 10_000 }
const asked = (inner: { readonly tokens: readonly string[] }, count: number): Promise<void> =>
  vi.waitFor(() => expect(inner.tokens).toHaveLength(count), deadline)
const waiting = ({ callers, inFlight }: CoalescingReviewer): readonly number[] => [callers, inFlight]
const joined = (reviewer: CoalescingReviewer, callers: number): Promise<void> =>
  vi.waitFor(() => expect(reviewer.callers).toBe(callers), deadline)

describe('createCoalescingReviewer (Q31)', () => {
  it('asks once for all callers of a token, as text or as bytes, and once for each token', async () => {
    const inner = heldReviewer()
    const reviewer = createCoalescingReviewer(inner)
    const bytes = new TextEncoder().encode('a')
    const answers = [reviewer.review('a'), reviewer.review(bytes), reviewer.review('a'), reviewer.review('b')]
    await joined(reviewer, 4)
    await asked(inner, 2)
    expect(waiting(reviewer)).toEqual([4, 2])
    inner.accept()
    inner.accept()
    expect(await Promise.all(answers)).toEqual([web, web, web, web])
    expect(inner.tokens).toEqual(['a', 'b'])
    expect(waiting(reviewer)).toEqual([0, 0])
  })

  it('keeps nothing: who comes after the answer asks anew', async () => {
    const inner = stubReviewer()
    const reviewer = createCoalescingReviewer(inner)
    await reviewer.review('a')
    await reviewer.review('a')
    expect(inner.tokens).toEqual(['a', 'a'])
  })

  it('gives a refusal to all of them, and asks anew for the next', async () => {
    const inner = heldReviewer()
    const reviewer = createCoalescingReviewer(inner)
    const answers = [failure(reviewer.review('a')), failure(reviewer.review('a'))]
    await joined(reviewer, 2)
    await asked(inner, 1)
    inner.refuse(refusal('TOKEN_REVIEW_REJECTED'))
    expect((await Promise.all(answers)).map(({ code }) => code)).toEqual([
      'TOKEN_REVIEW_REJECTED',
      'TOKEN_REVIEW_REJECTED',
    ])
    void reviewer.review('a').catch(() => {})
    await asked(inner, 2)
  })

  it('outlives an inner reviewer that throws instead of rejecting', async () => {
    const reviewer = createCoalescingReviewer(
      stubReviewer(() => {
        throw new TypeError('at once')
      }),
    )
    await expect(reviewer.review('a')).rejects.toThrow('at once')
    expect(waiting(reviewer)).toEqual([0, 0])
  })

  it('refuses what cannot be a token before it asks', async () => {
    const inner = stubReviewer()
    expect((await failure(createCoalescingReviewer(inner).review(''))).code).toBe('TOKEN_REVIEW_TOKEN_INVALID')
    expect(inner.tokens).toEqual([])
  })
})

describe('a caller who gives up', () => {
  it('gets his reason untouched, and the others their answer', async () => {
    const inner = heldReviewer()
    const reviewer = createCoalescingReviewer(inner)
    const abort = new AbortController()
    const first = reviewer.review('a', { signal: abort.signal })
    const second = reviewer.review('a', { signal: new AbortController().signal })
    await joined(reviewer, 2)
    await asked(inner, 1)
    const reason = { why: 'enough' }
    abort.abort(reason)
    await expect(first).rejects.toBe(reason)
    expect([waiting(reviewer), inner.options[0]?.signal?.aborted]).toEqual([[1, 1], false])
    inner.accept()
    expect(await second).toBe(web)
  })

  it('as the last one ends the review, and whoever comes next begins another', async () => {
    const inner = heldReviewer()
    const reviewer = createCoalescingReviewer(inner)
    const [one, two] = [new AbortController(), new AbortController()]
    const first = reviewer.review('a', { signal: one.signal })
    const second = reviewer.review('a', { signal: two.signal })
    await asked(inner, 1)
    await joined(reviewer, 2)
    one.abort('one')
    two.abort('two')
    expect(inner.options[0]?.signal?.aborted).toBe(true)
    const third = reviewer.review('a')
    await expect(first).rejects.toBe('one')
    await expect(second).rejects.toBe('two')
    await asked(inner, 2)
    inner.accept()
    inner.accept()
    expect(await third).toBe(web)
    expect(waiting(reviewer)).toEqual([0, 0])
  })

  it('before the call asks nobody', async () => {
    const inner = stubReviewer()
    const signal = AbortSignal.abort('before')
    await expect(createCoalescingReviewer(inner).review('a', { signal })).rejects.toBe('before')
    expect(inner.tokens).toEqual([])
  })

  it('while the token is being hashed asks nobody', async () => {
    const inner = stubReviewer()
    const abort = new AbortController()
    const reviewing = createCoalescingReviewer(inner).review('a', { signal: abort.signal })
    abort.abort('soon')
    await expect(reviewing).rejects.toBe('soon')
    expect(inner.tokens).toEqual([])
  })

  it('never does, and leaves no listener on his signal', async () => {
    const { signal } = new AbortController()
    const added = vi.spyOn(signal, 'addEventListener')
    const removed = vi.spyOn(signal, 'removeEventListener')
    const inner = heldReviewer()
    const reviewer = createCoalescingReviewer(inner)
    const answers = [reviewer.review('a', { signal }), reviewer.review('a', { signal })]
    await joined(reviewer, 2)
    await asked(inner, 1)
    inner.accept()
    await Promise.all(answers)
    expect(added).toHaveBeenCalledTimes(2)
    expect(removed.mock.calls.map(([, listener]) => listener)).toEqual(added.mock.calls.map(([, listener]) => listener))
  })
})

describe('the limit of callers', () => {
  it('refuses one more than may wait, and says when to come again', async () => {
    const inner = heldReviewer()
    const { events, observer } = keepEvents()
    const reviewer = createCoalescingReviewer(inner, { maxCallers: 2, observer })
    const answers = [reviewer.review('a'), reviewer.review('b')]
    await joined(reviewer, 2)
    const refused = await failure(reviewer.review('a'))
    expect(refused).toMatchObject({
      code: 'TOKEN_REVIEW_QUEUE_FULL',
      detail: { limit: 2, retryAfterMs: CALLERS_RETRY_AFTER_MS },
    })
    expect(events).toEqual([{ type: 'queue-full', waiting: 2, retryAfterMs: 1000, durationMs: undefined }])
    await asked(inner, 2)
    inner.accept()
    inner.accept()
    await Promise.all(answers)
    void reviewer.review('a').catch(() => {})
    await asked(inner, 3)
  })

  it.each([0, -1, 1.5, Number.NaN])('is not %s', (maxCallers) => {
    expect(() => createCoalescingReviewer(stubReviewer(), { maxCallers })).toThrow(/^maxCallers: expected/)
  })
})

describe('the observer', () => {
  it('hears of each shared review and how long it took, and can break nothing', async () => {
    const inner = heldReviewer()
    const { events, observer } = keepEvents()
    let now = 0
    const loud = (event: Parameters<typeof observer>[0]): void => {
      observer(event)
      throw new Error('loud')
    }
    const reviewer = createCoalescingReviewer(inner, { observer: loud, monotonicMs: () => now })
    const answers = [reviewer.review('a'), reviewer.review('a')]
    await asked(inner, 1)
    await joined(reviewer, 2)
    now = 7
    inner.accept()
    await Promise.all(answers)
    expect(events).toEqual([{ type: 'coalesced', durationMs: 7 }])
    expect(Object.isFrozen(events[0])).toBe(true)
  })

  it('is told of no token', async () => {
    const { events, observer } = keepEvents()
    const inner = heldReviewer()
    const reviewer = createCoalescingReviewer(inner, { observer })
    const answers = [failure(reviewer.review('secret-token')), failure(reviewer.review('secret-token'))]
    await joined(reviewer, 2)
    await asked(inner, 1)
    inner.refuse(refusal('TOKEN_REVIEW_TIMEOUT'))
    await Promise.all(answers)
    expect(JSON.stringify(events)).toContain('coalesced')
    expect(JSON.stringify(events)).not.toContain('secret')
  })
})
