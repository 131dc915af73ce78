import { TokenReviewError, type TokenReviewErrorCode } from './errors.ts'
import type { KubernetesResponse } from './kubernetes-transport.ts'
import { safeText } from './safe-text.ts'

/** The longest `Retry-After` that is believed: an hour. A longer one, or a date, is left out. */
export const MAX_RETRY_AFTER_MS = 3_600_000

/**
 * Tells an answer from trouble: only 200 and 201 carry a verdict; everything else is about us or about the server, never about
 * the token that was asked about.
 *
 * @throws TokenReviewError TOKEN_REVIEW_CALLER_UNAUTHENTICATED, TOKEN_REVIEW_FORBIDDEN, TOKEN_REVIEW_UNAVAILABLE, TOKEN_REVIEW_RESPONSE_INVALID
 */
export function checkStatus({ status, headers, body }: KubernetesResponse): void {
  if (status === 200 || status === 201) return
  const code = codeOf(status)
  const reason = code === 'TOKEN_REVIEW_RESPONSE_INVALID' ? undefined : messageOf(body)
  const retryAfterMs = code === 'TOKEN_REVIEW_UNAVAILABLE' ? retryAfter(headers['retry-after']) : undefined
  const found = `status ${status}`
  throw new TokenReviewError(
    code,
    `API server: expected status 201, found ${status}${reason === undefined ? '' : ` (${reason})`}`,
    {
      detail: {
        expected: 'status 201',
        found,
        status,
        ...(reason === undefined ? {} : { reason }),
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      },
    },
  )
}

function codeOf(status: number): TokenReviewErrorCode {
  if (status === 401) return 'TOKEN_REVIEW_CALLER_UNAUTHENTICATED'
  if (status === 403) return 'TOKEN_REVIEW_FORBIDDEN'
  if (status === 429 || (status >= 500 && status <= 599)) return 'TOKEN_REVIEW_UNAVAILABLE'
  return 'TOKEN_REVIEW_RESPONSE_INVALID'
}

/** The message of a Kubernetes `Status` object, which says whom RBAC refused what; anything else is not quoted. */
function messageOf(body: string): string | undefined {
  try {
    const status: unknown = JSON.parse(body)
    if (typeof status !== 'object' || status === null) return undefined
    if (!('kind' in status) || status.kind !== 'Status' || !('message' in status)) return undefined
    return typeof status.message === 'string' && status.message !== '' ? safeText(status.message) : undefined
  } catch {
    return undefined
  }
}

function retryAfter(header: string | undefined): number | undefined {
  if (header === undefined || !/^\d{1,9}$/.test(header)) return undefined
  const milliseconds = Number(header) * 1000
  return milliseconds > MAX_RETRY_AFTER_MS ? undefined : milliseconds
}
