import type { ServiceAccount } from '@meshid/spiffe-id'
import type { VerifiedClaims } from './jwks.ts'

/** Options of {@link TokenReviewer.review}. */
export interface ReviewOptions {
  /** Ends the wait; the promise then rejects with `signal.reason`, untouched. */
  readonly signal?: AbortSignal | undefined
  /** What an outer layer has verified of this very token with the published keys; it names the account to a rate limit. */
  readonly claims?: VerifiedClaims | undefined
}

/**
 * Says who a bearer token belongs to, by asking an authority that knows.
 *
 * A resolved promise means that the authority accepts the token now, for this audience; an authority that knows deleted
 * accounts and pods (Kubernetes does) has checked those too.
 */
export interface TokenReviewer {
  /**
   * @param token - the token as its file holds it: printable ASCII, at most {@link MAX_TOKEN_BYTES} bytes
   * @throws TokenReviewError, any of its codes
   */
  review(token: string | Uint8Array, options?: ReviewOptions): Promise<ReviewedAccount>
}

/** The owner of a token, as the authority names it; frozen, arrays included. */
export interface ReviewedAccount {
  readonly serviceAccount: ServiceAccount
  /** `system:serviceaccount:<namespace>:<name>`, exactly as it came. */
  readonly username: string
  /** The UID of the service account: a new account with an old name has another one. */
  readonly uid?: string | undefined
  readonly groups: readonly string[]
  /** The audiences that were asked for and that the token is valid for; empty only when the authority knows no audiences and that was allowed. */
  readonly audiences: readonly string[]
  /** The pod that the token is bound to; absent for a token that is not bound to one. */
  readonly podName?: string | undefined
  readonly podUid?: string | undefined
  /** The node of that pod, where the server says it (Kubernetes 1.30 and later). */
  readonly nodeName?: string | undefined
  readonly nodeUid?: string | undefined
  /** Names this one token in audit logs, such as `JTI=<uuid>`; it is not a secret. */
  readonly credentialId?: string | undefined
  /** Everything else that the authority said, as it came. */
  readonly extra: Readonly<Record<string, readonly string[]>>
}
