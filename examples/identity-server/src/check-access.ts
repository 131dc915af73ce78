import { checkTokenReviewAccess, type KubernetesTransport, TokenReviewError } from '@meshid/token-review'
import { LinkerdWords } from './start-error.ts'

/**
 * Asks the API server whether this process may create token reviews.
 *
 * @throws LinkerdWords when it may not
 * @throws TokenReviewError when the API server does not say
 * @see linkerd2 `controller/identity/validator.go` checkAccess
 */
export async function checkAccess(transport: KubernetesTransport, signal: AbortSignal): Promise<void> {
  try {
    await checkTokenReviewAccess(transport, { signal })
  } catch (error) {
    if (!(error instanceof TokenReviewError) || error.code !== 'TOKEN_REVIEW_FORBIDDEN') throw error
    throw new LinkerdWords(`Unable to create kubernetes token reviews: ${error.detail.reason ?? error.message}`, error)
  }
}
