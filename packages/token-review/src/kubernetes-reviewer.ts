import { parseBearerToken } from './bearer-token.ts'
import { TokenReviewError } from './errors.ts'
import { type JsonRecord, readBoolean, readRecord, readString, readStrings } from './json-fields.ts'
import type { KubernetesTransport } from './kubernetes-transport.ts'
import { callReview, type ReviewKind } from './review-call.ts'
import { readReviewedAccount } from './reviewed-account.ts'
import { safeText } from './safe-text.ts'
import type { ReviewedAccount, ReviewOptions, TokenReviewer } from './token-reviewer.ts'

/** The audience of tokens that are meant for a Linkerd identity service. */
export const LINKERD_AUDIENCE = 'identity.l5d.io'

/** Options of {@link createKubernetesReviewer}. */
export interface KubernetesReviewerOptions {
  readonly transport: KubernetesTransport
  /** A token must be valid for one of these; default {@link LINKERD_AUDIENCE} alone. Never empty: that would mean the API server's own audience. */
  readonly audiences?: readonly string[]
  /**
   * What to do when the authenticator accepts a token but knows no audiences (`status.audiences` empty): `'refuse'`, the
   * default, or `'accept'`. Accepting means that a token made for any other service of the cluster is good here too; the
   * account then has empty `audiences`, so that the caller can count such answers.
   */
  readonly unawareAuthenticator?: 'refuse' | 'accept'
}

const tokenReview: ReviewKind = {
  apiVersion: 'authentication.k8s.io/v1',
  kind: 'TokenReview',
  path: '/apis/authentication.k8s.io/v1/tokenreviews',
}

/**
 * Makes a reviewer that asks the Kubernetes TokenReview API, once for each call, without cache, retry or lock.
 *
 * Trust: the verdict is the API server's, and it is current: expired tokens, deleted accounts and deleted pods are refused.
 * Differing from Linkerd, `status.audiences` is checked (Q25), there is no second try without an audience (Q26), and the
 * user must be a service account (Q27); pod and node of a bound token are passed on (Q29).
 *
 * @throws RangeError when `audiences` is empty or holds an empty string
 * @see Kubernetes authentication.k8s.io/v1 TokenReview; Linkerd controller/identity/validator.go
 */
export function createKubernetesReviewer(options: KubernetesReviewerOptions): TokenReviewer {
  const { transport, unawareAuthenticator = 'refuse' } = options
  const audiences = Object.freeze([...(options.audiences ?? [LINKERD_AUDIENCE])])
  if (audiences.length === 0 || audiences.includes('')) {
    throw new RangeError('audiences: expected at least one, each not empty')
  }
  return Object.freeze({
    async review(token: string | Uint8Array, { signal }: ReviewOptions = {}): Promise<ReviewedAccount> {
      const text = parseBearerToken(token)
      const status = await callReview(transport, tokenReview, { spec: { token: text, audiences }, signal })
      checkVerdict(status, text)
      const proven = provenAudiences(status, { audiences, unawareAuthenticator })
      return readReviewedAccount(readRecord(status['user'], 'status.user'), proven)
    },
  })
}

function checkVerdict(status: JsonRecord, token: string): void {
  const error = readString(status['error'], 'status.error')
  if (error !== undefined) {
    const reason = safeText(error, token)
    throw new TokenReviewError(refusalCode(reason), `token: expected to be accepted, found ${reason}`, {
      detail: { reason },
    })
  }
  if (!readBoolean(status['authenticated'], 'status.authenticated')) {
    throw new TokenReviewError(
      'TOKEN_REVIEW_UNAUTHENTICATED',
      'token: expected to be authenticated, found that it was not',
    )
  }
}

/** The API has no field for this reason, so its words decide, but only between two ways to refuse. */
function refusalCode(reason: string): 'TOKEN_REVIEW_WRONG_AUDIENCE' | 'TOKEN_REVIEW_REJECTED' {
  return reason.includes('is invalid for the target audiences')
    ? 'TOKEN_REVIEW_WRONG_AUDIENCE'
    : 'TOKEN_REVIEW_REJECTED'
}

function provenAudiences(
  status: JsonRecord,
  { audiences, unawareAuthenticator }: Required<Omit<KubernetesReviewerOptions, 'transport'>>,
): readonly string[] {
  const answered = readStrings(status['audiences'], 'status.audiences')
  const proven = Object.freeze(audiences.filter((audience) => answered.includes(audience)))
  if (proven.length > 0) return proven
  if (answered.length === 0 && unawareAuthenticator === 'accept') return proven
  const expected = audiences.join(', ')
  const found = answered.length === 0 ? 'none' : safeText(answered.join(', '))
  const code = answered.length === 0 ? 'TOKEN_REVIEW_AUDIENCE_UNPROVEN' : 'TOKEN_REVIEW_WRONG_AUDIENCE'
  throw new TokenReviewError(code, `audiences of the token: expected ${expected}, found ${found}`, {
    detail: { expected, found },
  })
}
