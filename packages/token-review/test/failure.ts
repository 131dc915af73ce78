import { TokenReviewError } from '@meshid/token-review'

/** The refusal that a promise ends with; anything else is an error of the test. */
export async function failure(promise: Promise<unknown>): Promise<TokenReviewError> {
  const outcome = await promise.then(
    () => 'success',
    (error: unknown) => error,
  )
  if (outcome instanceof TokenReviewError) return outcome
  throw new Error('expected a TokenReviewError, found something else', { cause: outcome })
}
