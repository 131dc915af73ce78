import { createRememberingReviewer } from '@meshid/token-review'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fakeClock } from '../fake-clock.ts'
import { unsignedJwt } from './jwt.ts'
import { stubReviewer, web } from './stub-reviewer.ts'

describe('createRememberingReviewer', () => {
  it('answers from memory exactly until the sooner of ttlMs and exp', () =>
    fc.assert(
      fc.asyncProperty(
        fc.record({ ttlMs: fc.nat(2000), expMs: fc.integer({ min: -2000, max: 4000 }), waitMs: fc.nat(4000) }),
        async ({ ttlMs, expMs, waitMs }) => {
          const clock = fakeClock()
          const inner = stubReviewer()
          const reviewer = createRememberingReviewer(inner, { clock, ttlMs, negativeTtlMs: 0 })
          const now = clock.now().getTime()
          const exp = (now + expMs) / 1000
          const token = unsignedJwt({ exp })
          await reviewer.review(token)
          await clock.advance(waitMs)
          await reviewer.review(token)
          expect(inner.tokens.length).toBe(waitMs < Math.min(ttlMs, Math.trunc(exp * 1000) - now) ? 1 : 2)
        },
      ),
    ))

  it('takes any token at all, whatever its parts decode to, and asks once for it', () =>
    fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.stringMatching(/^[abcXYZ019_.=+/!-]{1,60}$/),
          fc.json().map((json) => unsignedJwt(JSON.parse(json))),
          fc.jsonValue().map((exp) => unsignedJwt({ exp })),
        ),
        async (token) => {
          const inner = stubReviewer()
          const reviewer = createRememberingReviewer(inner, { clock: fakeClock() })
          expect(await reviewer.review(token)).toBe(web)
          expect(inner.tokens).toEqual([token])
        },
      ),
    ))
})
