import type { PreCheckReason, TokenReviewErrorCode } from './errors.ts'
import type { ReviewedAccount } from './token-reviewer.ts'

/** What can happen to one token on its way through the layers, and to the keys that one of them uses. */
export type ReviewOutcome =
  /** The authority accepted the token; the account says which pod and node it is bound to, for an audit log. */
  | { readonly type: 'reviewed'; readonly account: ReviewedAccount }
  /** The authority accepted the token only when asked again without an audience (Q26). */
  | { readonly type: 'fallback-accepted'; readonly account: ReviewedAccount }
  /** The authority refused the token. */
  | { readonly type: 'review-refused'; readonly code: TokenReviewErrorCode }
  /** Nobody could be asked, or the answer was none. */
  | { readonly type: 'review-failed'; readonly code: TokenReviewErrorCode }
  /** The last caller gave up before the authority answered. */
  | { readonly type: 'review-aborted' }
  /** A caller shared the review that another caller of the same token had begun. */
  | { readonly type: 'coalesced' }
  /** An answer was still remembered; `ageMs` is how old it was. */
  | { readonly type: 'remembered-positive'; readonly account: ReviewedAccount; readonly ageMs: number }
  | { readonly type: 'remembered-negative'; readonly code: TokenReviewErrorCode; readonly ageMs: number }
  /** The token is signed by a published key, in time, for the audience; `subject` is its `sub`. The review follows. */
  | { readonly type: 'pre-check-verified'; readonly subject: string | undefined }
  /** Nothing can be said here, because there are no keys or the token is no JWT. The review follows. */
  | { readonly type: 'pre-check-passed'; readonly why: 'no-keys' | 'no-jwt' }
  | { readonly type: 'pre-check-refused'; readonly code: TokenReviewErrorCode; readonly reason: PreCheckReason }
  /** `subject` is the account where the pre-check has verified one, else absent. */
  | { readonly type: 'rate-limited'; readonly subject: string | undefined; readonly retryAfterMs: number }
  /** A request waited its turn and was sent; `waiting` others still wait. */
  | { readonly type: 'queued'; readonly waiting: number }
  | { readonly type: 'queue-full'; readonly waiting: number; readonly retryAfterMs: number }
  /** `ignored` keys could not be used: another kind, or malformed. */
  | { readonly type: 'keys-refreshed'; readonly keys: number; readonly ignored: number }
  /** The keys that were known stay in use until they are too old. */
  | { readonly type: 'keys-failed'; readonly code: TokenReviewErrorCode; readonly error: Error }

/** An outcome, and how long it took where a clock for durations was given. No event holds a token. */
export type ReviewEvent = ReviewOutcome & { readonly durationMs: number | undefined }

/** Is told of every event, at once. What it throws is dropped: it can never change an outcome. */
export type ReviewObserver = (event: ReviewEvent) => void

/** The part of each layer's options that makes it seen. */
export interface ReviewObservation {
  readonly observer?: ReviewObserver | undefined
  /** A clock in milliseconds that never goes back, such as `() => performance.now()`; without it events have no `durationMs`. */
  readonly monotonicMs?: (() => number) | undefined
}

/** Begins to measure; the result tells the observer how it ended, whatever the observer does. */
export function observe({ observer, monotonicMs }: ReviewObservation): (outcome: ReviewOutcome) => void {
  const begun = monotonicMs?.()
  return (outcome) => {
    const durationMs = begun === undefined || monotonicMs === undefined ? undefined : monotonicMs() - begun
    try {
      observer?.(Object.freeze({ ...outcome, durationMs }))
    } catch {
      // An observer only looks on.
    }
  }
}
