import { parseBearerToken } from '../bearer-token.ts'
import { TokenReviewError } from '../errors.ts'
import { checkWhole } from '../option-range.ts'
import { observe, type ReviewObservation } from '../review-observer.ts'
import type { ReviewedAccount, ReviewOptions, TokenReviewer } from '../token-reviewer.ts'
import { isVerdict } from '../verdict.ts'
import { ShortMemory } from './short-memory.ts'
import { hashToken, type TokenHashing } from './token-hash.ts'
import { unverifiedExpiry } from './unverified-token.ts'

/** How long an acceptance is remembered unless told otherwise: as long as the API server itself remembers one. */
export const DEFAULT_TTL_MS = 10_000

/** How long a refusal is remembered unless told otherwise: long enough for a client that loops, short for one that was too early. */
export const DEFAULT_NEGATIVE_TTL_MS = 1000

/** The longest that an answer may be remembered: a pod that was deleted must not live on for more than a few minutes. */
export const MAX_TTL_MS = 300_000

/** How many answers are remembered unless told otherwise, of each kind. */
export const DEFAULT_MAX_ENTRIES = 10_000

/** Options of {@link createRememberingReviewer}. */
export interface RememberingReviewerOptions extends ReviewObservation, TokenHashing {
  readonly clock: { now(): Date }
  /** How long an account is remembered for a token, in milliseconds: 0 to {@link MAX_TTL_MS}, default {@link DEFAULT_TTL_MS}. */
  readonly ttlMs?: number | undefined
  /** The same for a refusal; at most `ttlMs`, default {@link DEFAULT_NEGATIVE_TTL_MS} or `ttlMs` if that is less. */
  readonly negativeTtlMs?: number | undefined
  /** Acceptances that are kept, and as many refusals apart from them, so that bad tokens never push good ones out; default {@link DEFAULT_MAX_ENTRIES}. */
  readonly maxEntries?: number | undefined
}

/** A reviewer with a short memory. */
export interface RememberingReviewer extends TokenReviewer {
  /** Answers that are kept now, those included that have ended since: a gauge. */
  readonly size: number
  /** Forgets one token, such as that of a pod that is known to be gone. */
  forget(token: string | Uint8Array): Promise<void>
  /** Forgets everything; a review that is under way is not remembered either. */
  clear(): void
}

/**
 * Remembers the answers of another reviewer for a short time, by the SHA-256 of the token, never by the token.
 *
 * Trust: the price is delay. A token whose pod or account was deleted stays good for up to `ttlMs` after the deletion; a
 * token is never good past its own `exp`, which is read unverified and only shortens. Remembered are acceptances and the
 * authority's refusals of the token; a failure to ask is not. The oldest entry makes room for a new one (first in, first out).
 *
 * @throws RangeError when a number is out of range
 */
export function createRememberingReviewer(
  inner: TokenReviewer,
  options: RememberingReviewerOptions,
): RememberingReviewer {
  const memory = new AnswerMemory(inner, options)
  const { hash = hashToken } = options
  return Object.freeze({
    get size() {
      return memory.size
    },
    review: (token: string | Uint8Array, asked?: ReviewOptions) => memory.review(token, asked),
    forget: async (token: string | Uint8Array) => memory.forget(await hash(parseBearerToken(token))),
    clear: () => memory.clear(),
  })
}

/** What a refusal was; the error itself is made anew for each caller, since its stack belongs to the first. */
type Refusal = Pick<TokenReviewError, 'code' | 'message' | 'detail'>

class AnswerMemory {
  readonly #inner: TokenReviewer
  readonly #options: RememberingReviewerOptions
  readonly #ttlMs: number
  readonly #negativeTtlMs: number
  readonly #accepted: ShortMemory<ReviewedAccount>
  readonly #refused: ShortMemory<Refusal>
  /** Grows with each thing that is forgotten on request, so that an answer from before it is not kept. */
  #era = 0

  constructor(inner: TokenReviewer, options: RememberingReviewerOptions) {
    const { ttlMs = DEFAULT_TTL_MS, maxEntries = DEFAULT_MAX_ENTRIES } = options
    checkWhole('ttlMs', ttlMs, { from: 0, to: MAX_TTL_MS })
    const { negativeTtlMs = Math.min(DEFAULT_NEGATIVE_TTL_MS, ttlMs) } = options
    checkWhole('negativeTtlMs', negativeTtlMs, { from: 0, to: ttlMs })
    checkWhole('maxEntries', maxEntries, { from: 1, to: 2 ** 24 })
    this.#inner = inner
    this.#options = options
    this.#ttlMs = ttlMs
    this.#negativeTtlMs = negativeTtlMs
    this.#accepted = new ShortMemory(maxEntries)
    this.#refused = new ShortMemory(maxEntries)
  }

  get size(): number {
    return this.#accepted.size + this.#refused.size
  }

  async review(token: string | Uint8Array, asked: ReviewOptions = {}): Promise<ReviewedAccount> {
    asked.signal?.throwIfAborted()
    const text = parseBearerToken(token)
    const key = await (this.#options.hash ?? hashToken)(text)
    asked.signal?.throwIfAborted()
    return this.#recall(key) ?? (await this.#ask(key, text, asked))
  }

  forget(key: string): void {
    this.#era += 1
    this.#accepted.delete(key)
    this.#refused.delete(key)
  }

  clear(): void {
    this.#era += 1
    this.#accepted.clear()
    this.#refused.clear()
  }

  #recall(key: string): ReviewedAccount | undefined {
    const tell = observe(this.#options)
    const now = this.#options.clock.now()
    const accepted = this.#accepted.get(key, now)
    if (accepted !== undefined) {
      tell({ type: 'remembered-positive', account: accepted.value, ageMs: now.getTime() - accepted.since.getTime() })
      return accepted.value
    }
    const refused = this.#refused.get(key, now)
    if (refused === undefined) return undefined
    const { code, message, detail } = refused.value
    tell({ type: 'remembered-negative', code, ageMs: now.getTime() - refused.since.getTime() })
    throw new TokenReviewError(code, message, { detail })
  }

  /** An answer counts from before it was asked for: what happened since may not be in it. */
  async #ask(key: string, text: string, asked: ReviewOptions): Promise<ReviewedAccount> {
    const era = this.#era
    const since = this.#options.clock.now()
    try {
      const account = await this.#inner.review(text, asked)
      if (era === this.#era) this.#keepAccount(key, account, { since, text })
      return account
    } catch (error) {
      if (error instanceof TokenReviewError && isVerdict(error.code) && era === this.#era) {
        const { code, message, detail } = error
        const until = later(since, this.#negativeTtlMs)
        this.#refused.set(key, { value: { code, message, detail }, since, until }, this.#options.clock.now())
      }
      throw error
    }
  }

  #keepAccount(
    key: string,
    value: ReviewedAccount,
    { since, text }: { readonly since: Date; readonly text: string },
  ): void {
    const expiry = unverifiedExpiry(text)
    if (expiry === 'malformed') return
    const end = later(since, this.#ttlMs)
    const until = expiry === 'none' || expiry > end ? end : expiry
    this.#accepted.set(key, { value, since, until }, this.#options.clock.now())
  }
}

function later(date: Date, ms: number): Date {
  return new Date(date.getTime() + ms)
}
