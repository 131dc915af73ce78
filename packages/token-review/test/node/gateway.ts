import {
  type CoalescingReviewer,
  createCoalescingReviewer,
  createKubernetesReviewer,
  createLimitedReviewer,
  createPreCheckedReviewer,
  createPublishedKeys,
  createRateLimitedTransport,
  createRememberingReviewer,
  type KubernetesTransport,
  type PublishedKeys,
  type RateLimitedTransport,
  type RememberingReviewer,
  type ReviewEvent,
} from '@meshid/token-review'

/** All layers before a real API server, and what they have told. */
export interface Gateway {
  readonly reviewer: CoalescingReviewer
  readonly memory: RememberingReviewer
  readonly limitedTransport: RateLimitedTransport
  readonly keys: PublishedKeys
  readonly events: ReviewEvent[]
}

/** The clock of this machine. */
export const realClock: {
  now(): Date
  setTimer(delayMs: number, callback: () => void): () => void
} = {
  now: () => new Date(),
  setTimer(delayMs, callback) {
    const timer = setTimeout(callback, delayMs)
    return () => clearTimeout(timer)
  },
}

/** Puts the layers together in the order of the README, and fetches the keys. */
export async function startGateway(
  transport: KubernetesTransport,
  { qps = 10_000, burst = 10_000 }: { readonly qps?: number; readonly burst?: number } = {},
): Promise<Gateway> {
  const events: ReviewEvent[] = []
  const watch = { observer: (event: ReviewEvent) => void events.push(event), monotonicMs: () => performance.now() }
  const clock = realClock
  const limitedTransport = createRateLimitedTransport(transport, { qps, burst, clock, ...watch })
  const keys = createPublishedKeys({ transport, clock, ...watch })
  await keys.refresh()
  const kubernetes = createKubernetesReviewer({ transport: limitedTransport, ...watch })
  const limited = createLimitedReviewer(kubernetes, { perAccount: { qps, burst }, clock, ...watch })
  const checked = createPreCheckedReviewer(limited, { keys, clock, opaqueTokens: 'refuse', ...watch })
  const memory = createRememberingReviewer(checked, { clock, ...watch })
  const reviewer = createCoalescingReviewer(memory, watch)
  return { reviewer, memory, limitedTransport, keys, events }
}
