export { MAX_TOKEN_BYTES, parseBearerToken } from './bearer-token.ts'
export { checkTokenReviewAccess, type CheckTokenReviewAccessOptions } from './check-token-review-access.ts'
export { TokenReviewError, tokenReviewErrorCodes } from './errors.ts'
export type { TokenReviewErrorCode, TokenReviewErrorDetail } from './errors.ts'
export { createKubernetesReviewer, LINKERD_AUDIENCE, type KubernetesReviewerOptions } from './kubernetes-reviewer.ts'
export type { KubernetesRequest, KubernetesResponse, KubernetesTransport } from './kubernetes-transport.ts'
export {
  createRateLimitedTransport,
  DEFAULT_MAX_QUEUE,
  MAX_QUEUE,
  type RateLimitOptions,
} from './rate-limited-transport.ts'
export { MAX_RETRY_AFTER_MS } from './response-status.ts'
export { MAX_RESPONSE_BYTES } from './review-call.ts'
export { MAX_REASON_LENGTH } from './safe-text.ts'
export type { ReviewedAccount, ReviewOptions, TokenReviewer } from './token-reviewer.ts'
export type { BucketClock } from './token-bucket.ts'
