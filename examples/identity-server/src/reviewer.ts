import type { Logger } from '@meshid/example-operations'
import {
  createCoalescingReviewer,
  createKubernetesReviewer,
  createLimitedReviewer,
  createPreCheckedReviewer,
  createPublishedKeys,
  createRememberingReviewer,
  type PublishedKeys,
  type ReviewEvent,
  type TokenReviewer,
} from '@meshid/token-review'
import { nodeTokenHash } from '@meshid/token-review/node'
import { codedText } from './coded-text.ts'
import type { Flags } from './flags.ts'
import type { KubernetesClient } from './kubernetes-client.ts'
import type { ReviewCounts } from './metrics/count-reviews.ts'

export interface ReviewerOptions {
  readonly api: Pick<KubernetesClient, 'reviews' | 'keys'>
  readonly clock: { now(): Date }
  readonly counts: ReviewCounts
  readonly log: Logger
}

const monotonicMs = (): number => performance.now()

/**
 * Makes the reviewer of the server, which asks the API server as seldom as it can: requests with one token share one
 * review, its answer is remembered for a moment, a token that the cluster did not sign is refused here, and no account may
 * take all of the budget. What is left goes out at the client's rate.
 */
export function createReviewer(flags: Flags, { api, clock, counts, log }: ReviewerOptions): TokenReviewer {
  const tellKeys = logKeys(log)
  const observer = (event: ReviewEvent): void => {
    counts.observer(event)
    tellKeys(event)
  }
  const seen = { observer, monotonicMs, hash: nodeTokenHash }
  const fallback = flags.audienceFallback ? 'accept' : 'refuse'
  const asking = createKubernetesReviewer({ transport: api.reviews, audienceFallback: fallback, ...seen })
  const perAccount = { qps: flags.reviewAccountQps, burst: flags.reviewAccountBurst }
  const limited = createLimitedReviewer(asking, { clock, perAccount, ...seen })
  const keys = flags.tokenPrecheck ? createPublishedKeys({ transport: api.keys, clock, ...seen }) : undefined
  const audiences = flags.audienceFallback ? 'unchecked' : undefined
  const checked = keys === undefined ? limited : createPreCheckedReviewer(limited, { keys, clock, audiences, ...seen })
  const memory = createRememberingReviewer(checked, { clock, ttlMs: flags.tokenCacheTtl, ...seen })
  const shared = createCoalescingReviewer(memory, seen)
  counts.follow({
    get waiting() {
      return api.reviews.waiting
    },
    get inFlight() {
      return shared.inFlight
    },
    get callers() {
      return shared.callers
    },
    get remembered() {
      return memory.size
    },
    get accounts() {
      return limited.accounts
    },
    get publishedKeys() {
      return keys?.size ?? 0
    },
  })
  fetchKeys(keys)
  return shared
}

/** Nobody waits for the first keys; that they could not be fetched is told by the observer. */
function fetchKeys(keys: PublishedKeys | undefined): void {
  keys?.refresh().catch(() => {})
}

/** Once in a row: without keys every token is reviewed, which works as well, only with more requests. */
function logKeys(log: Logger): (event: ReviewEvent) => void {
  let failing = false
  return (event) => {
    if (event.type === 'keys-failed' && !failing) {
      const text = `Could not fetch the published keys, tokens are reviewed without a check: ${codedText(event.error)}`
      log.warn({ code: event.code }, text)
    }
    if (event.type === 'keys-failed') failing = true
    if (event.type === 'keys-refreshed') failing = false
  }
}
