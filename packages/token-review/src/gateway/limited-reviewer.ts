import { Allowance, checkRate, type Rate } from '../allowance.ts'
import { parseBearerToken } from '../bearer-token.ts'
import { TokenReviewError } from '../errors.ts'
import { checkWhole } from '../option-range.ts'
import { observe, type ReviewObservation } from '../review-observer.ts'
import type { ReviewedAccount, ReviewOptions, TokenReviewer } from '../token-reviewer.ts'
import { hashToken, type TokenHashing } from './token-hash.ts'

/** How often one account may be reviewed unless told otherwise: half of what Linkerd's client may ask for all of them together. */
export const DEFAULT_ACCOUNT_RATE: Rate = Object.freeze({ qps: 50, burst: 100 })

/** How many accounts are told apart at once unless told otherwise. */
export const DEFAULT_MAX_ACCOUNTS = 10_000

/** Options of {@link createLimitedReviewer}. */
export interface LimitedReviewerOptions extends ReviewObservation, TokenHashing {
  readonly clock: { now(): Date }
  /** Default {@link DEFAULT_ACCOUNT_RATE}. */
  readonly perAccount?: Rate | undefined
  /** Verified accounts that are told apart, and as many unverified tokens apart from them; default {@link DEFAULT_MAX_ACCOUNTS}. */
  readonly maxAccounts?: number | undefined
}

/** A reviewer with a limit for each account. */
export interface LimitedReviewer extends TokenReviewer {
  /** Accounts and tokens that have been seen and are not forgotten yet: a gauge. */
  readonly accounts: number
}

/**
 * Limits how often each account is reviewed; who asks too often is refused with TOKEN_REVIEW_RATE_LIMITED, at once.
 *
 * Trust: whose token it is is known before the review only where a pre-check outside of this layer has verified its `sub`;
 * then all tokens of the account count together. Any other token counts by its SHA-256 alone, so whoever makes up tokens has
 * a limit for each of them: against that stand the pre-check and the queue of the transport. Each table is bounded: the
 * account that was quiet for longest is forgotten, and begins anew.
 *
 * @throws RangeError when a rate or a number is out of range
 */
export function createLimitedReviewer(inner: TokenReviewer, options: LimitedReviewerOptions): LimitedReviewer {
  const { clock, perAccount = DEFAULT_ACCOUNT_RATE, maxAccounts = DEFAULT_MAX_ACCOUNTS, hash = hashToken } = options
  checkRate(perAccount)
  checkWhole('maxAccounts', maxAccounts, { from: 1, to: 2 ** 24 })
  const verified = new Allowances(perAccount, maxAccounts)
  const unverified = new Allowances(perAccount, maxAccounts)
  return Object.freeze({
    get accounts() {
      return verified.size + unverified.size
    },
    async review(token: string | Uint8Array, asked: ReviewOptions = {}): Promise<ReviewedAccount> {
      asked.signal?.throwIfAborted()
      const text = parseBearerToken(token)
      const subject = asked.claims?.subject
      const retryAfterMs =
        subject === undefined ? unverified.take(await hash(text), clock.now()) : verified.take(subject, clock.now())
      if (retryAfterMs > 0) {
        observe(options)({ type: 'rate-limited', subject, retryAfterMs })
        throw tooOften(perAccount, retryAfterMs)
      }
      return inner.review(text, asked)
    },
  })
}

/** What is left for each of many, the one that was quiet for longest first. */
class Allowances {
  readonly #rate: Rate
  readonly #max: number
  readonly #table = new Map<string, Allowance>()

  constructor(rate: Rate, max: number) {
    this.#rate = Object.freeze({ qps: rate.qps, burst: rate.burst })
    this.#max = max
  }

  get size(): number {
    return this.#table.size
  }

  /** Takes one; 0, or how long until there is another. */
  take(key: string, now: Date): number {
    const allowance = this.#table.get(key) ?? new Allowance(this.#rate, now)
    this.#table.delete(key)
    this.#table.set(key, allowance)
    this.#makeRoom(now)
    return allowance.take(now) ? 0 : allowance.untilNextMs()
  }

  /** One that is full again is as good as forgotten. */
  #makeRoom(now: Date): void {
    for (const [quietest, allowance] of this.#table) {
      if (this.#table.size <= this.#max && !allowance.isFull(now)) break
      if (this.#table.size === 1) break
      this.#table.delete(quietest)
    }
  }
}

function tooOften({ qps, burst }: Rate, retryAfterMs: number): TokenReviewError {
  const expected = `at most ${burst} reviews of one account at once and ${qps} each second`
  return new TokenReviewError('TOKEN_REVIEW_RATE_LIMITED', `token: expected ${expected}, found more`, {
    detail: { expected, found: 'more', retryAfterMs },
  })
}
