import { TokenReviewError } from './errors.ts'
import { readBoolean, readString } from './json-fields.ts'
import type { KubernetesTransport } from './kubernetes-transport.ts'
import { callReview, type ReviewKind } from './review-call.ts'
import { safeText } from './safe-text.ts'

const selfSubjectAccessReview: ReviewKind = {
  apiVersion: 'authorization.k8s.io/v1',
  kind: 'SelfSubjectAccessReview',
  path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
}

/** Options of {@link checkTokenReviewAccess}. */
export interface CheckTokenReviewAccessOptions {
  readonly signal?: AbortSignal | undefined
}

/**
 * Asks the API server whether this process may create token reviews, so that a server can say so at start instead of at the
 * first request.
 *
 * @throws TokenReviewError TOKEN_REVIEW_FORBIDDEN when it may not, or the codes for a server that cannot be asked
 * @see Kubernetes authorization.k8s.io/v1 SelfSubjectAccessReview; Linkerd controller/identity/validator.go
 */
export async function checkTokenReviewAccess(
  transport: KubernetesTransport,
  { signal }: CheckTokenReviewAccessOptions = {},
): Promise<void> {
  const spec = {
    resourceAttributes: { group: 'authentication.k8s.io', version: 'v1', resource: 'tokenreviews', verb: 'create' },
  }
  const status = await callReview(transport, selfSubjectAccessReview, { spec, signal })
  if (readBoolean(status['allowed'], 'status.allowed')) return
  const reason =
    readString(status['reason'], 'status.reason') ?? readString(status['evaluationError'], 'status.evaluationError')
  const found = reason === undefined ? 'no role that allows it' : safeText(reason)
  throw new TokenReviewError(
    'TOKEN_REVIEW_FORBIDDEN',
    `token reviews: expected the right to create them, found ${found}`,
    {
      detail: { expected: 'create on tokenreviews.authentication.k8s.io', found, reason: found },
    },
  )
}
