import { parseBearerToken } from './bearer-token.ts'
import { TokenReviewError } from './errors.ts'
import { type JsonRecord, readRecord } from './json-fields.ts'
import type { KubernetesTransport } from './kubernetes-transport.ts'
import { callReview, type ReviewKind } from './review-call.ts'
import { observe, type ReviewObservation, type ReviewOutcome } from './review-observer.ts'
import { readReviewedAccount } from './reviewed-account.ts'
import type { ReviewedAccount, ReviewOptions, TokenReviewer } from './token-reviewer.ts'
import { checkVerdict, isVerdict, mentionsAudiences, provenAudiences } from './verdict.ts'

/** The audience of tokens that are meant for a Linkerd identity service. */
export const LINKERD_AUDIENCE = 'identity.l5d.io'

/** Options of {@link createKubernetesReviewer}. */
export interface KubernetesReviewerOptions extends ReviewObservation {
  readonly transport: KubernetesTransport
  /** A token must be valid for one of these; default {@link LINKERD_AUDIENCE} alone. Never empty: that would mean the API server's own audience. */
  readonly audiences?: readonly string[]
  /**
   * What to do when the authenticator accepts a token but knows no audiences (`status.audiences` empty): `'refuse'`, the
   * default, or `'accept'`. Accepting means that a token made for any other service of the cluster is good here too; the
   * account then has empty `audiences`, so that the caller can count such answers.
   */
  readonly unawareAuthenticator?: 'refuse' | 'accept'
  /**
   * What to do when the authenticator refuses the audiences of a token: `'refuse'`, the default, or `'accept'` to do as
   * Linkerd does (Q26) and ask a second time without any. A token made for the API server itself, which every pod has, is
   * then good here too; the account has empty `audiences`, and the observer is told `fallback-accepted`.
   */
  readonly audienceFallback?: 'refuse' | 'accept'
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
 * Differing from Linkerd, `status.audiences` is checked (Q25), there is no second try without an audience unless
 * `audienceFallback` says so (Q26), and the user must be a service account (Q27); pod and node of a bound token are passed on
 * (Q29). The observer is told how each review ended.
 *
 * @throws RangeError when `audiences` is empty or holds an empty string
 * @see Kubernetes authentication.k8s.io/v1 TokenReview; Linkerd controller/identity/validator.go
 */
export function createKubernetesReviewer(options: KubernetesReviewerOptions): TokenReviewer {
  const { transport, unawareAuthenticator = 'refuse', audienceFallback = 'refuse' } = options
  const audiences = Object.freeze([...(options.audiences ?? [LINKERD_AUDIENCE])])
  if (audiences.length === 0 || audiences.includes('')) {
    throw new RangeError('audiences: expected at least one, each not empty')
  }
  const policy = { transport, audiences, unawareAuthenticator, audienceFallback }
  return Object.freeze({
    async review(token: string | Uint8Array, { signal }: ReviewOptions = {}): Promise<ReviewedAccount> {
      const text = parseBearerToken(token)
      const tell = observe(options)
      try {
        const outcome = await ask(policy, { text, signal })
        tell(outcome)
        return outcome.account
      } catch (error) {
        tell(failureOf(error, signal))
        throw error
      }
    },
  })
}

type Policy = Required<Omit<KubernetesReviewerOptions, keyof ReviewObservation>>

interface Question {
  readonly text: string
  readonly signal: AbortSignal | undefined
}

async function ask(
  policy: Policy,
  question: Question,
): Promise<Extract<ReviewOutcome, { type: 'reviewed' | 'fallback-accepted' }>> {
  const status = await call(policy, question, policy.audiences)
  if (policy.audienceFallback === 'accept' && mentionsAudiences(status)) {
    const second = await call(policy, question, [])
    checkVerdict(second, question.text)
    return { type: 'fallback-accepted', account: accountOf(second, Object.freeze([])) }
  }
  checkVerdict(status, question.text)
  return { type: 'reviewed', account: accountOf(status, provenAudiences(status, policy)) }
}

function call({ transport }: Policy, { text, signal }: Question, audiences: readonly string[]): Promise<JsonRecord> {
  return callReview(transport, tokenReview, { spec: { token: text, audiences }, signal })
}

function accountOf(status: JsonRecord, audiences: readonly string[]): ReviewedAccount {
  return readReviewedAccount(readRecord(status['user'], 'status.user'), audiences)
}

function failureOf(error: unknown, signal: AbortSignal | undefined): ReviewOutcome {
  if (signal?.aborted === true && error === signal.reason) return { type: 'review-aborted' }
  const code = error instanceof TokenReviewError ? error.code : 'TOKEN_REVIEW_UNREACHABLE'
  const refused = isVerdict(code) || code === 'TOKEN_REVIEW_AUDIENCE_UNPROVEN'
  return { type: refused ? 'review-refused' : 'review-failed', code }
}
