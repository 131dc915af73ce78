import type { ReviewEvent, ReviewObserver } from '@meshid/token-review'
import { Counter, Gauge, type Registry } from 'prom-client'

/** How full the layers of the review gateway are, at the moment of a scrape. */
export interface ReviewLevels {
  /** Reviews that wait for their turn. */
  readonly waiting: number
  readonly inFlight: number
  /** Requests that wait for those. */
  readonly callers: number
  /** Answers that are remembered. */
  readonly remembered: number
  readonly accounts: number
  readonly publishedKeys: number
}

/** Counts what each layer of the review gateway did. */
export interface ReviewCounts {
  readonly observer: ReviewObserver
  /** Says where the levels are read from; until then they are 0. */
  readonly follow: (levels: ReviewLevels) => void
}

/** Each outcome by its layer, so that one sum over a layer is what passed through it. */
const outcomes = {
  reviewed: ['reviewer', 'accepted'],
  'fallback-accepted': ['reviewer', 'fallback-accepted'],
  'review-refused': ['reviewer', 'refused'],
  'review-failed': ['reviewer', 'failed'],
  'review-aborted': ['reviewer', 'aborted'],
  coalesced: ['coalescing', 'shared'],
  'remembered-positive': ['memory', 'accepted'],
  'remembered-negative': ['memory', 'refused'],
  'pre-check-verified': ['pre-check', 'verified'],
  'pre-check-passed': ['pre-check', 'passed'],
  'pre-check-refused': ['pre-check', 'refused'],
  'rate-limited': ['account-limit', 'refused'],
  queued: ['queue', 'waited'],
  'queue-full': ['queue', 'refused'],
  'keys-refreshed': ['keys', 'refreshed'],
  'keys-failed': ['keys', 'failed'],
} as const satisfies Record<ReviewEvent['type'], readonly [layer: string, outcome: string]>

const gauges: Readonly<Record<string, readonly [level: keyof ReviewLevels, help: string]>> = {
  identity_review_queue_depth: ['waiting', 'Token reviews that wait for their turn'],
  identity_reviews_in_flight: ['inFlight', 'Token reviews that are under way or wait for their turn'],
  identity_review_callers: ['callers', 'Certify requests that wait for a token review; several may share one'],
  identity_review_remembered: ['remembered', 'Answers of token reviews that are remembered'],
  identity_review_accounts: ['accounts', 'Accounts and tokens whose rate is watched'],
  identity_published_keys: [
    'publishedKeys',
    'Published keys of the cluster that tokens are checked against; 0: no check',
  ],
}

/** Makes the counts of the gateway, each from zero. */
export function countReviews(registry: Registry): ReviewCounts {
  let levels: ReviewLevels | undefined
  const total = new Counter({
    name: 'identity_review_outcomes_total',
    help: 'What each layer of the token review gateway did with a token',
    labelNames: ['layer', 'outcome'],
    registers: [registry],
  })
  for (const [layer, outcome] of Object.values(outcomes)) total.inc({ layer, outcome }, 0)
  for (const [name, [level, help]] of Object.entries(gauges)) {
    void new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(levels?.[level] ?? 0)
      },
    })
  }
  return {
    observer({ type }) {
      const [layer, outcome] = outcomes[type]
      total.inc({ layer, outcome })
    },
    follow: (source) => void (levels = source),
  }
}
