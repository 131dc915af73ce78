import { createKubernetesReviewer, TokenReviewError, tokenReviewErrorCodes } from '@meshid/token-review'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accepted, reviewAnswer, stubTransport } from './stub-transport.ts'

const token = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ3ZWIifQ.c2lnbmF0dXJl'

/** Everything of an error that could reach a log. */
const visible = (error: TokenReviewError): string =>
  `${error.stack} ${JSON.stringify(error.detail)} ${String(error.cause)}`

async function outcome(answer: Parameters<typeof stubTransport>[0]): Promise<unknown> {
  return createKubernetesReviewer({ transport: stubTransport(answer) })
    .review(token)
    .catch((error: unknown) => error)
}

describe('createKubernetesReviewer', () => {
  it('turns any answer into a coded refusal that never shows the token: no text is a verdict by accident', async () => {
    const text = fc.oneof(
      fc.string(),
      fc.json(),
      fc.constant(token),
      fc.string().map((before) => `${before}${token}`),
    )
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 100, max: 599 }), text, async (status, body) => {
        const error = await outcome({ status, body })
        expect(error).toBeInstanceOf(TokenReviewError)
        if (!(error instanceof TokenReviewError)) return
        expect(tokenReviewErrorCodes).toHaveProperty(error.code)
        expect(visible(error)).not.toContain(token)
      }),
    )
  })

  it('accepts a status with one field changed only if it still says that the token is good for the audience', async () => {
    const fields = ['authenticated', 'user', 'audiences', 'error'] as const
    const value = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom(token, true, ['identity.l5d.io'], 'system:serviceaccount:a:b'),
    )
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...fields), value, async (field, changed) => {
        const result = await outcome(reviewAnswer({ ...accepted, [field]: changed }))
        if (result instanceof TokenReviewError) expect(visible(result)).not.toContain(token)
        else expect(result).toMatchObject({ username: accepted.user['username'], audiences: ['identity.l5d.io'] })
      }),
    )
  })

  it(
    'cleans the reason of any refusal: printable ASCII, bounded, without the token wherever it stands',
    {
      timeout: 60_000,
    },
    async () => {
      const words = fc.array(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constant(token)), { minLength: 1 })
      await fc.assert(
        fc.asyncProperty(words, async (parts) => {
          const error = `refused ${parts.join('')}`
          const result = await outcome(reviewAnswer({ user: {}, error }))
          expect(result).toMatchObject({ detail: { reason: expect.stringMatching(/^[\x20-\x7e]{1,515}$/) } })
          expect(visible(result as TokenReviewError)).not.toContain('c2lnbmF0dXJl')
        }),
      )
    },
  )
})
