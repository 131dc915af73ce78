import { TokenReviewError } from './errors.ts'

/** The refusal of whoever finds `limit` others waiting already. */
export function queueFull(limit: number, retryAfterMs: number): TokenReviewError {
  const message = `API server: expected at most ${limit} requests of this process to wait their turn, found more`
  const detail = { expected: `at most ${limit} waiting`, found: 'more', limit, retryAfterMs }
  return new TokenReviewError('TOKEN_REVIEW_QUEUE_FULL', message, { detail })
}
