import { parseBearerToken } from '../bearer-token.ts'
import { TokenReviewError } from '../errors.ts'
import type { VerifiedClaims } from '../jwks.ts'
import { LINKERD_AUDIENCE } from '../kubernetes-reviewer.ts'
import { observe, type ReviewObservation, type ReviewOutcome } from '../review-observer.ts'
import type { ReviewedAccount, ReviewOptions, TokenReviewer } from '../token-reviewer.ts'
import { localRefusal } from './local-refusal.ts'
import type { PublishedKeys } from './published-keys.ts'
import { readUnverifiedToken } from './unverified-token.ts'

/** How far the clocks of two machines may differ: as much as the API server grants (go-jose's default leeway). */
export const PRE_CHECK_LEEWAY_MS = 60_000

/** Options of {@link createPreCheckedReviewer}. */
export interface PreCheckedReviewerOptions extends ReviewObservation {
  readonly keys: PublishedKeys
  readonly clock: { now(): Date }
  /**
   * The audiences of the inner reviewer, default {@link LINKERD_AUDIENCE} alone; a token for none of them is refused here.
   * `'unchecked'` leaves audiences to the review: needed with `audienceFallback: 'accept'`.
   */
  readonly audiences?: readonly string[] | 'unchecked' | undefined
  /**
   * What to do with a token that is no JWT, while there are published keys: `'review'`, the default, or `'refuse'`. All
   * service account tokens of Kubernetes are JWTs, so refusing loses none; an authenticator of your own may have others.
   */
  readonly opaqueTokens?: 'review' | 'refuse' | undefined
}

/**
 * Refuses hopeless tokens without asking the authority: not signed by a key of the cluster, expired, not valid yet, or for
 * another audience.
 *
 * Trust: it only ever refuses. Every token that is not refused is still reviewed, because a signature does not see that a pod
 * or an account is gone; without keys (never fetched, or too old) every token is reviewed. Refusals have the codes of a
 * review (TOKEN_REVIEW_REJECTED, TOKEN_REVIEW_WRONG_AUDIENCE) and `detail.preCheck`. The claims that were verified go on to
 * the inner reviewer in its options.
 *
 * @throws RangeError when `audiences` is empty
 */
export function createPreCheckedReviewer(inner: TokenReviewer, options: PreCheckedReviewerOptions): TokenReviewer {
  const { keys, clock, audiences = [LINKERD_AUDIENCE], opaqueTokens = 'review' } = options
  if (audiences.length === 0) throw new RangeError('audiences: expected at least one')
  const wanted = audiences === 'unchecked' ? undefined : Object.freeze([...audiences])
  const policy = { keys, clock, wanted, opaqueTokens }
  return Object.freeze({
    async review(token: string | Uint8Array, asked: ReviewOptions = {}): Promise<ReviewedAccount> {
      asked.signal?.throwIfAborted()
      const text = parseBearerToken(token)
      const tell = observe(options)
      const claims = await verify(text, policy, asked).catch((error: unknown) => {
        tellRefusal(error, tell)
        throw error
      })
      tell(passing(text, claims))
      return inner.review(text, claims === undefined ? asked : { ...asked, claims })
    },
  })
}

interface Policy {
  readonly keys: PublishedKeys
  readonly clock: { now(): Date }
  readonly wanted: readonly string[] | undefined
  readonly opaqueTokens: 'review' | 'refuse'
}

async function verify(
  text: string,
  { keys, clock, wanted, opaqueTokens }: Policy,
  { signal }: ReviewOptions,
): Promise<VerifiedClaims | undefined> {
  const claims = await keys.verify(text, { signal })
  signal?.throwIfAborted()
  if (claims === undefined) {
    if (opaqueTokens === 'refuse' && keys.size > 0 && readUnverifiedToken(text) === undefined)
      throw localRefusal('no-jwt')
    return undefined
  }
  checkTimes(claims, clock.now())
  if (wanted !== undefined) checkAudiences(claims, wanted)
  return claims
}

function checkTimes({ expiresAt, notBefore }: VerifiedClaims, now: Date): void {
  const ms = now.getTime()
  if (expiresAt !== undefined && ms > expiresAt.getTime() + PRE_CHECK_LEEWAY_MS) throw localRefusal('expired')
  if (notBefore !== undefined && ms < notBefore.getTime() - PRE_CHECK_LEEWAY_MS) throw localRefusal('not-yet-valid')
}

/** A token without audiences is one of an old cluster: the API server decides what it is good for. */
function checkAudiences({ audiences }: VerifiedClaims, wanted: readonly string[]): void {
  if (audiences === undefined || audiences.some((audience) => wanted.includes(audience))) return
  const words = `token audiences ${quoted(audiences)} is invalid for the target audiences ${quoted(wanted)}`
  throw localRefusal('audience', words)
}

/** A list as Go's %q writes it, which is how the API server quotes audiences. */
function quoted(values: readonly string[]): string {
  return `[${values.map((value) => JSON.stringify(value)).join(' ')}]`
}

function tellRefusal(error: unknown, tell: (outcome: ReviewOutcome) => void): void {
  if (!(error instanceof TokenReviewError) || error.detail.preCheck === undefined) return
  tell({ type: 'pre-check-refused', code: error.code, reason: error.detail.preCheck })
}

function passing(text: string, claims: VerifiedClaims | undefined): ReviewOutcome {
  if (claims !== undefined) return { type: 'pre-check-verified', subject: claims.subject }
  return { type: 'pre-check-passed', why: readUnverifiedToken(text) === undefined ? 'no-jwt' : 'no-keys' }
}
